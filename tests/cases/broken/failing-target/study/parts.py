"""What cannot be called: kept to say that it is gone, a property, and an abstract class."""

import warnings
from abc import ABC, abstractmethod

import pytorch_lightning as pl


class OldNet(pl.LightningModule):
    """Raises, whatever it is given."""

    def __init__(self, *args, **kwargs):
        """Say what to use."""
        warnings.warn("soon an error", stacklevel=2)
        raise RuntimeError("OldNet has become Net.\nSee the manual.")


def old_data(path):
    """Gone."""
    raise NotImplementedError


class Base:
    """Its own constructor is for others."""

    def __init__(self):
        raise TypeError("derive from it")


class Derived(Base):
    """Has its own."""

    def __init__(self, width: int = 1):
        self.width = width

    @property
    def size(self) -> int:
        """No function: Hydra refuses to call it."""
        return self.width


class Reader(ABC):
    """Says what readers do."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """Read a file."""


class Named(Reader):
    """Reads nothing, and is for others to derive from."""
