"""A model of parts that are made by calls of their own kinds."""

import enum
import re
from collections import namedtuple
from dataclasses import dataclass
from typing import Protocol

import pytorch_lightning as pl


class Colour(enum.Enum):
    """What to paint with."""

    RED = "red"


Size = namedtuple("Size", "height width")


class Shape(Protocol):
    """What has an area."""

    def area(self): ...


@dataclass
class Window:
    """What is looked through."""

    size: int


@dataclass
class Door:
    """What is walked through."""

    height: int
    colour: Colour = Colour.RED


class House(pl.LightningModule):
    """It has openings."""

    def __init__(
        self,
        *parts,
        opening: Window | Door,
        names: re.Pattern = re.compile(""),
        rate: float = 0.1,
        kind: type[Window] = Window,
    ):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()
