"""Callbacks of this project; `config/trainer/callbacks/` names them."""

import time

import pytorch_lightning as pl


class MyCustomCallback(pl.Callback):
    """Log how long each training epoch took, in seconds.

    Args:
        metric: the name it is logged under.
    """

    def __init__(self, metric: str = "epoch_seconds") -> None:
        self.metric = metric
        self._start_s = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._start_s = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        pl_module.log(self.metric, time.perf_counter() - self._start_s)
