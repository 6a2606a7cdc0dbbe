"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes a width."""

    def __init__(self, width: int):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
