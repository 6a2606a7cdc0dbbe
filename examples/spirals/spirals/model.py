"""A model of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn


class Rings(pl.LightningModule):
    """A perceptron on sines and cosines of the coordinates, which tell turns apart.

    Args:
        turns: How many frequencies there are, 1 to `turns`.
        hidden: The width of its hidden layer.
        optimizer: Makes the optimiser of the parameters.
    """

    def __init__(
        self,
        turns: int,
        hidden: int,
        optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer],
    ) -> None:
        super().__init__()
        self.turns = turns
        self.network = nn.Sequential(nn.Linear(4 * turns, hidden), nn.ReLU(), nn.Linear(hidden, 2))
        self._optimizer = optimizer

    def forward(self, points: Tensor) -> Tensor:
        """Scores of the two spirals, shape (N, 2)."""
        phases = torch.cat([points * 3 * (number + 1) for number in range(self.turns)], dim=1)
        return self.network(torch.cat([phases.sin(), phases.cos()], dim=1))  # type: ignore[no-any-return]

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """The loss of a batch."""
        loss = self._loss(batch)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(batch["point"]))
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """The loss, logged."""
        self.log("val_loss", self._loss(batch), batch_size=len(batch["point"]))

    def test_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """The loss, logged."""
        self.log("test_loss", self._loss(batch), batch_size=len(batch["point"]))

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> dict[str, Any]:
        """Scores, and the id of each row."""
        return {"id": batch["id"], "prediction": self(batch["point"])}

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimiser that the config makes."""
        return self._optimizer(self.parameters())

    def _loss(self, batch: dict[str, Any]) -> Tensor:
        return nn.functional.cross_entropy(self(batch["point"]), batch["spiral"])
