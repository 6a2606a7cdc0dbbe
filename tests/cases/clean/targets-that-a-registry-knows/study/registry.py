"""Classes by the names that configs give them."""

from importlib import import_module

_PATHS = {}


def register(name):
    """Note the path of a class."""

    def noted(made):
        _PATHS[name] = (made.__module__, made.__qualname__)
        return made

    return noted


def build(cfg, **more):
    """Make the object that a node names."""
    name = cfg.pop("_target_")
    module, found = _PATHS[name]
    return getattr(import_module(module), found)(**cfg, **more)
