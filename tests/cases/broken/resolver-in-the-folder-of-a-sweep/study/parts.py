"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes a width and a tag."""

    def __init__(self, width: int, tag: str = ""):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
