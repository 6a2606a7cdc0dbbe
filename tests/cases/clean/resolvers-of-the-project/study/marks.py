"""Decorators that register what they mark."""

from omegaconf import OmegaConf

from study.tables import MORE

OmegaConf.legacy_register_resolver("old", lambda a: a)
for name, function in MORE.items():
    OmegaConf.register_new_resolver(name, function)


def marked(name=None):
    """Registers a function under its own name."""

    def register(function):
        OmegaConf.register_new_resolver(name or function.__name__, function)
        return function

    return register


def prefixed(function):
    """Likewise, with a prefix."""
    OmegaConf.register_new_resolver(f"own.{function.__name__}", function)
    return function
