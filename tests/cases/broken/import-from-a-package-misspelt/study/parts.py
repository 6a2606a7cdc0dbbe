"""A model, and what it needs."""

import pytorch_lightning as pl

from study.layers import Stack


class Net(pl.LightningModule):
    """A network of layers."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = Stack(width)


class Data(pl.LightningDataModule):
    """Nothing to load."""
