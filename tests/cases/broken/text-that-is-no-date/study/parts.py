"""A model and a datamodule to name."""

import datetime

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Nothing to learn."""

    def __init__(self, since: datetime.date | None = None, label: str = "") -> None:
        super().__init__()
        self.since, self.label = since, label


class Data(pl.LightningDataModule):
    """Nothing to load."""
