"""A model whose parts check what they are given."""

import enum
from typing import Literal

import pytorch_lightning as pl
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, validate_call


class Colour(enum.Enum):
    """What to paint with."""

    RED = "red"
    BLUE = "blue"


Size = enum.Enum("Size", "SMALL LARGE")


class Options(BaseModel):
    """What is validated, and may be written as a text."""

    rows: int
    width: PositiveInt = 1
    rate: float = Field(0.1, gt=0)


class Exact(BaseModel):
    """What is taken as it is."""

    model_config = ConfigDict(strict=True, extra="forbid")

    rows: int


@validate_call
def scale(by: float, times: int = 1):
    """A function whose arguments are validated."""
    return by * times


class Net(pl.LightningModule):
    """It has parts."""

    def __init__(
        self, *parts, sizes: list[int], colour: Literal[Colour.RED] = Colour.RED, size: Size = Size.SMALL
    ):
        super().__init__()
        if any(number < 1 for number in sizes):
            raise ValueError("a size below 1")


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()
