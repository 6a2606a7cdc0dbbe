"""A callback that logs the norm of the gradients."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from torch.optim import Optimizer

from serotiny.callbacks.errors import CallbackError


class GradientNorm(pl.Callback):
    """Logs the Euclidean norm of all gradients as `gradient_norm`, before they are clipped.

    Args:
        every_n_steps: Log at each n-th step of the optimiser.

    Raises:
        CallbackError: `every_n_steps` is not positive.
    """

    def __init__(self, every_n_steps: int = 50) -> None:
        super().__init__()
        if every_n_steps < 1:
            raise CallbackError(f"`every_n_steps` is {every_n_steps}; it is positive")
        self.every_n_steps = every_n_steps

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Log the norm before the gradients are clipped and used."""
        if trainer.global_step % self.every_n_steps:
            return
        gradients = [
            parameter.grad
            for group in optimizer.param_groups
            for parameter in group["params"]
            if parameter.grad is not None
        ]
        scale = _scale(trainer)
        norm = torch.nn.utils.get_total_norm(gradients) / scale if gradients else torch.zeros(())
        pl_module.log("gradient_norm", norm, on_step=True, on_epoch=False)


def _scale(trainer: pl.Trainer) -> float:
    """The factor by which a gradient scaler (16-bit precision) has multiplied the loss; 1 without one."""
    scaler: Any = getattr(trainer.precision_plugin, "scaler", None)
    return float(scaler.get_scale()) if scaler is not None else 1.0
