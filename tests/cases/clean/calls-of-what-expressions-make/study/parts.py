"""A model of parts that are made by what expressions, metaclasses and decorators make."""

import enum
import functools
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path

import pytorch_lightning as pl


class Colour(enum.Enum):
    """What to paint with."""

    RED = "red"


Size = namedtuple("Size", ["height", "width"], defaults=[1])


def _painted(colour, coats, thinned=False):
    return (colour, coats, thinned)


painted = functools.partial(functools.partial(_painted, "red"), coats=2)
halved = lambda size, by=2: size / by  # noqa: E731  # what projects write

if (found := _painted) is not None:
    pass


class Counted(type):
    """Takes a key of its own."""

    def __call__(cls, *args, **kwargs):
        """Make one, unless it is only counted."""
        kwargs.pop("count", None)
        return super().__call__(*args, **kwargs)


class Roof(metaclass=Counted):
    """What is above."""

    def __init__(self, tiles):
        self.tiles = tiles


def with_coats(function):
    """Give the number of coats."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, coats=2, **kwargs)

    return wrapper


@with_coats
def wall(colour, coats):
    """A wall."""
    return (colour, coats)


@dataclass
class Window:
    """What is looked through."""

    size: int


@dataclass
class Door:
    """What is walked through."""

    height: int


class House(pl.LightningModule):
    """It has openings."""

    def __init__(self, *parts, opening: Window | Door, plans: dict[Colour, Path]):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()
