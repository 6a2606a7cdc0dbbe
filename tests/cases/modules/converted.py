"""A model with parts of several kinds."""

import enum
from dataclasses import dataclass
from pathlib import Path

import pytorch_lightning as pl
import torch


class Colour(enum.Enum):
    """What to paint with."""

    RED = "red"


@dataclass
class Window:
    """What is looked at."""

    size: tuple[int, int]
    where: Path | None = None


class Windowed(pl.LightningModule):
    """Looks at windows."""

    def __init__(
        self,
        window: Window,
        windows: dict[str, Window],
        parts: list[torch.nn.Module],
        colours: list[Colour],
    ):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()
