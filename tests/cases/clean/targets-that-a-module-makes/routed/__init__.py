"""Makes classes of others that take their inputs from a mapping: `routed.torch.nn.Sigmoid`."""

import importlib
import types


class Routed(types.ModuleType):
    """A module with such classes."""

    def __init__(self, module):
        super().__init__(module.__name__)
        self.module = module

    def __getattr__(self, name):
        """A class with a path to its input."""
        found = getattr(self.module, name)
        return Routed(found) if isinstance(found, types.ModuleType) else type(name, (found,), {})


def __getattr__(name):
    """The module of a package."""
    return Routed(importlib.import_module(name))
