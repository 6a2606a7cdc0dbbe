"""A model, and what it needs."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """A network of layers."""

    def __init__(self, norm, first, second, third):
        super().__init__()
        self.layers = [norm, first, second, third]


class Data(pl.LightningDataModule):
    """Nothing to load."""
