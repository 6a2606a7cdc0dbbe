"""What the script makes."""

import pytorch_lightning as pl
import torch
from hydra.utils import instantiate


class Net(pl.LightningModule):
    """Calls its metrics, and chooses the step of its optimizer itself."""

    def __init__(self, width: int, metrics: list[type], optimizer: type, lr: float = 0.1):
        super().__init__()
        self.layer = torch.nn.Linear(width, 1)
        self.metrics = [metric() for metric in metrics]
        self.optimizer = optimizer
        self.lr = lr

    def configure_optimizers(self):
        """The partial's own step is never used."""
        return self.optimizer(self.parameters(), lr=self.lr)


class Stage:
    """Keeps a partial, and calls it later."""

    def __init__(self, cfg):
        self.schedule = instantiate(cfg.schedule)

    def start(self, optimizer):
        """The number of steps is known here."""
        return self.schedule(optimizer=optimizer, step_size=10)
