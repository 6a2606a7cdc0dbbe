"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes a width and a depth."""

    def __init__(self, width: int, depth: int = 1):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, rows: int = 8):
        super().__init__()
