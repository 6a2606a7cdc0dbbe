from __future__ import annotations

from typing import Any

import torch
from hydra.utils import instantiate
from lightning import LightningModule
from torch import nn


class MultiTask(LightningModule):
    def __init__(
        self,
        backbone: Any,
        task_heads: Any,
        x_key: str,
        save_dir: str = "./",
        save_every_n_epochs: int = 1,
        inference_args: dict[str, Any] | None = None,
        optimizer: Any = None,
    ) -> None:
        super().__init__()
        self.backbone = instantiate(backbone)
        self.task_heads = nn.ModuleDict({name: instantiate(head) for name, head in task_heads.items()})
        self.x_key = x_key
        self.optimizer = instantiate(optimizer)

    def loss(self, batch: Any) -> torch.Tensor:
        features = self.backbone(batch[self.x_key])
        return torch.stack([head(features, batch[name]) for name, head in self.task_heads.items()]).sum()

    def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
        return self.loss(batch)

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        self.log("val/loss", self.loss(batch))

    def test_step(self, batch: Any, batch_idx: int) -> None:
        self.log("test/loss", self.loss(batch))

    def configure_optimizers(self) -> Any:
        return self.optimizer(self.parameters())


class Backbone(nn.Module):
    def __init__(self, spatial_dims: int, channels: int, kernel_size: list[int]) -> None:
        super().__init__()
        layer = {2: nn.Conv2d, 3: nn.Conv3d}[spatial_dims]
        self.layer = layer(channels, 1, tuple(kernel_size), padding="same")

    def forward(self, image: torch.Tensor) -> Any:
        return self.layer(image)


class Head(nn.Module):
    def __init__(self, loss: nn.Module, resolution: int = 1) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, features: torch.Tensor, target: torch.Tensor) -> Any:
        return self.loss(features, target)
