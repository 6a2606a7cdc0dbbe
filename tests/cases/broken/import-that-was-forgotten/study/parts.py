"""A model, and what it needs."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """A network of layers."""

    def __init__(self, width: int, scale: Optional[float] = None):  # noqa: F821 - the case
        super().__init__()
        self.width = width


class Data(pl.LightningDataModule):
    """Nothing to load."""
