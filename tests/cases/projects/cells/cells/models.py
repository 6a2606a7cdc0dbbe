from __future__ import annotations

from typing import Any

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

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        self.log("val/loss", batch)


class Backbone(nn.Module):
    def __init__(self, spatial_dims: int, channels: int, kernel_size: list[int]) -> None:
        super().__init__()


class Head(nn.Module):
    def __init__(self, loss: nn.Module, resolution: int = 1) -> None:
        super().__init__()
