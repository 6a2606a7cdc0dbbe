"""A model and a datamodule to name."""

import logging
from typing import Literal

import pytorch_lightning as pl
import torch


class Net(pl.LightningModule):
    """A small network.

    Args:
        width: units of the hidden layer.
        layers: units of further layers.
        activation: between the layers.
        network: takes the place of all of these.
    """

    def __init__(
        self,
        width: int,
        layers: tuple[int, ...] = (),
        activation: Literal["relu", "tanh"] = "relu",
        network: torch.nn.Module | None = None,
        optimizer=None,
    ):
        super().__init__()

    def training_step(self, batch, index):
        self.log("train_loss", 0.0)

    def validation_step(self, batch, index):
        self.log("val_loss", 0.0)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters())


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()


def make_data(batch_size: int = 8) -> Data:
    """A datamodule from a function."""
    return Data(batch_size)


log = logging.getLogger(__name__)
