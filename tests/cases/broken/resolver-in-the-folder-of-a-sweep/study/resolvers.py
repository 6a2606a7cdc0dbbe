"""Resolvers in the ways in which projects register them."""

from omegaconf import OmegaConf

TABLE = {"add": lambda a, b: a + b, "half": lambda a: a / 2}


def register_all():
    """Called by the script."""
    OmegaConf.register_new_resolver("mul", lambda a, b: a * b)
    for name, function in TABLE.items():
        OmegaConf.register_new_resolver(name, function, replace=True)


def register_once(name, function):
    """A helper of the project's own."""
    if not OmegaConf.has_resolver(name):
        OmegaConf.register_new_resolver(name, function)
