"""The networks of the study."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes a width and what the data say."""

    def __init__(self, width, data_size):
        super().__init__()
        self.width = width * data_size


class Head:
    """Takes a depth and a size."""

    def __init__(self, depth, size=3):
        self.depth = depth * size


class Tail(Head):
    """Another."""
