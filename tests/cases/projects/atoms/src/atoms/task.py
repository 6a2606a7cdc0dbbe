from __future__ import annotations

from typing import Any

import torch
from pytorch_lightning import LightningModule
from torch import nn


class Task(LightningModule):
    def __init__(
        self,
        model: nn.Module,
        outputs: list[Any],
        optimizer_cls: type[torch.optim.Optimizer] = torch.optim.Adam,
        optimizer_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()

    def log_loss(self, subset: str, loss: torch.Tensor) -> None:
        self.log(f"{subset}_loss", loss)


class Output:
    def __init__(self, name: str, loss_fn: nn.Module, loss_weight: float = 1.0) -> None:
        self.name = name
