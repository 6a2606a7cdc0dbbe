"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Nothing to learn."""


class Data(pl.LightningDataModule):
    """Nothing to load."""
