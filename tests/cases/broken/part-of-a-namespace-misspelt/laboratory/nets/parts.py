"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes parts of another distribution."""

    def __init__(self, a=None, b=None):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
