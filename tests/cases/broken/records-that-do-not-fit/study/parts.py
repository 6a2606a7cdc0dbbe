"""A model whose parameters are typed dicts and named tuples, which nothing enforces."""

from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

import pytorch_lightning as pl


class Table(TypedDict):
    file: Path
    rows: NotRequired[int]


class Size(NamedTuple):
    height: int
    width: int = 1


class Net(pl.LightningModule):
    def __init__(self, table: Table, sound: Table, size: Size, sizes: list[Size]):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
