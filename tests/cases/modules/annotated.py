"""A model and a datamodule to name."""

from collections.abc import Callable, Sequence
from typing import Literal

import pytorch_lightning as pl
import torch


def ensure_tuple(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


class Reader:
    """Reads."""


class Net(pl.LightningModule):
    """Nobody enforces these annotations."""

    def __init__(
        self,
        readers: Reader | str | None = None,
        shape: Sequence[int] = (1,),
        fraction: int | None = None,
        form: Literal["ca", "fa"] = "ca",
        branches: torch.nn.ModuleDict | None = None,
        name: str = "",
        width: int = 4,
        make: Callable | None = None,
        ends: tuple[int, int] = (0, 1),
        heads: dict[str, int] | None = None,
    ):
        super().__init__()
        self.readers = ensure_tuple(readers)
        self.shape = ensure_tuple(shape)
        self.small = fraction is not None and fraction < 1
        self.form = form
        self.branches = torch.nn.ModuleDict(branches or {})
        self.name = name
        self.layer = torch.nn.Linear(width, 1)
        self.maker = make
        self.first, self.last = ends
        self.heads = [*heads.items()]


class Data(pl.LightningDataModule):
    """Nothing to load."""
