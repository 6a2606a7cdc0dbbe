"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes two heads."""

    def __init__(self, head, other):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
