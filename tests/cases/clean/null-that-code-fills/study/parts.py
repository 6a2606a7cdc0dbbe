"""A model that makes its head itself, once it knows how wide it is."""

import pytorch_lightning as pl
from hydra.utils import instantiate


class Head:
    """Takes a width."""

    def __init__(self, width: int):
        self.width = width * 2


class Net(pl.LightningModule):
    """Gives what the config leaves open."""

    def __init__(self, head):
        super().__init__()
        self.head = instantiate(head, width=8)


class Data(pl.LightningDataModule):
    """Nothing to load."""
