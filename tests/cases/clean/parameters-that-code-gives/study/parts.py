"""A model and a datamodule to name."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Takes a width and a tag."""

    def __init__(self, width: int, tag: str = ""):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""


class Task:
    """Made by the script."""

    def __init__(self, net: Net, optimizer_cls: type, steps: int, lr: float = 0.1):
        self.net = net


class Head:
    """Made by the script, from a part of the config of another object."""

    def __init__(self, features: int, classes: int):
        self.features = features
