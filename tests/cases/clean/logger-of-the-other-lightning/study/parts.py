"""A model and a datamodule to name."""

import lightning.pytorch as lightning


class Net(lightning.LightningModule):
    """Nothing to learn."""


class Data(lightning.LightningDataModule):
    """Nothing to load."""
