"""A model that calls its scheduler with the optimizer alone."""

from collections.abc import Callable

import pytorch_lightning as pl
import torch


class Net(pl.LightningModule):
    def __init__(self, optimizer: Callable[..., torch.optim.Optimizer], scheduler: Callable[..., object]):
        super().__init__()
        self.line = torch.nn.Linear(2, 1)
        self.make_optimizer = optimizer
        self.make_scheduler = scheduler

    def training_step(self, batch, index):
        return self.line(batch).mean()

    def configure_optimizers(self):
        optimizer = self.make_optimizer(self.parameters())
        return {"optimizer": optimizer, "lr_scheduler": self.make_scheduler(optimizer)}


class Data(pl.LightningDataModule):
    def __init__(self, batch_size: int = 8):
        super().__init__()
