"""A callback of one's own."""

from __future__ import annotations

import pytorch_lightning as pl


class WeightNorm(pl.Callback):
    """Logs the norm of all weights at the end of each epoch.

    Args:
        name: The name that it is logged under.
    """

    def __init__(self, name: str = "weight_norm") -> None:
        super().__init__()
        self.name = name

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log it."""
        squares = sum(float(parameter.detach().square().sum()) for parameter in pl_module.parameters())
        pl_module.log(self.name, squares**0.5)
