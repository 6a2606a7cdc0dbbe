"""A model, a datamodule and a function to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Nothing to learn."""


class Data(pl.LightningDataModule):
    """Nothing to load."""


def several(**callbacks: pl.Callback) -> list[pl.Callback]:
    """All of them."""
    return [*callbacks.values()]
