"""A model that calculates with what it gets, and says nothing of its types."""

from contextlib import suppress
from pathlib import Path

import pytorch_lightning as pl
import torch


class Column:
    """A column of a table, of which a text may be the name of another."""

    def __init__(self, name):
        self.name = name

    def __sub__(self, other):
        return f"{self.name} - {other}"


class Net(pl.LightningModule):
    """What its operators take decides what its parameters may be."""

    def __init__(
        self,
        features,
        rate,
        power,
        least,
        drawn,
        root,
        split,
        separator,
        shift,
        early,
        noise=0,
        mode="quick",
        since=0,
        caught=0,
        chosen=0,
        converted=0,
    ):
        super().__init__()
        self.layer = torch.nn.Linear(features - 1, 1)
        self.half = rate * 0.5
        self.squared = 2**power
        self.is_wide = least > 3
        self.numbers = [drawn - 1 for drawn in range(3)]
        self.folder = Path("data") / root / split
        self.line = separator * 20 + "end"
        self.shift = shift
        self.recent = Column("date") - since
        with suppress(TypeError):
            self.caught = caught - 1
        self.chosen = [step - chosen for step in range(3) if mode == "exact"]
        self.converted = converted
        self.less = self.converted - 1
        for step in range(3):
            if mode != "exact":
                continue
            self.steps = step - noise
        if mode == "quick":
            return
        self.late = early - 1

    @property
    def converted(self):
        """A number, whatever it was set to."""
        return self.number

    @converted.setter
    def converted(self, value):
        self.number = len(str(value))

    def scaled(self, x):
        """With an offset that somebody may have replaced by then."""
        return x - self.shift


class Data(pl.LightningDataModule):
    """Nothing to load."""
