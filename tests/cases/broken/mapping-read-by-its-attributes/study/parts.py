"""A model that reads what it is given by attributes, and one nested class that nobody makes."""

import pytorch_lightning as pl
import torch


class Scaling:
    """What is to be done with values."""

    def __init__(self, mean: float = 0.0, std: float = 1.0):
        self.mean = mean
        self.std = std


class Net(pl.LightningModule):
    """A mapping serves where only its own keys are read."""

    def __init__(
        self, scaling: Scaling | None = None, old: Scaling | None = None, net: torch.nn.Module = None
    ):
        super().__init__()
        self.scaling = scaling
        self.old = old
        self.net = net

    def forward(self, x):
        if self.scaling is not None:
            x = (x - self.scaling.mean) / self.scaling.std
        return self.net(x) * self.old.factor

    def training_step(self, batch, index):
        return self(batch)

    def configure_optimizers(self):
        return None


class Data(pl.LightningDataModule):
    """Nothing to load."""
