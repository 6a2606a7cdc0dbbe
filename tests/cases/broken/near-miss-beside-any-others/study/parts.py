"""A model, a datamodule and a callback to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes any settings."""

    def __init__(self, channels: int = 8, mode: str = "a", layer: int = 2, dropout: float = 0.0, **settings):
        super().__init__()
        self.settings = settings


class Data(pl.LightningDataModule):
    """Nothing to load."""
