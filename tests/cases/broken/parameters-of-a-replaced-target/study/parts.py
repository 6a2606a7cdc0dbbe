"""Two models."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """A small network."""

    def __init__(self, width: int, activation: str = "relu", depth: int = 1):
        super().__init__()


class Line(pl.LightningModule):
    """One that has no width, and no depth."""

    def __init__(self, out: int, activation: int = 0):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()
