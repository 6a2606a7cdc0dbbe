"""A model that takes steps as they are, and a datamodule."""

import pytorch_lightning as pl


class Step:
    """One of the steps."""


class Net(pl.LightningModule):
    """Takes steps of any kind."""

    def __init__(self, width: int, steps=(), again=()):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""


READ = "_kept_target"
