from __future__ import annotations

from typing import Any

import torch
from lightning import LightningDataModule
from torch.utils.data import DataLoader


class CellsDataModule(LightningDataModule):
    def __init__(self, path: str, columns: list[str], batch_size: int = 1, transforms: Any = None) -> None:
        super().__init__()
        self.columns = columns
        self.batch_size = batch_size

    def train_dataloader(self) -> DataLoader[Any]:
        images = [{name: torch.full((1, 2, 4, 4), 0.5) for name in self.columns} for _ in range(4)]
        return DataLoader(images, batch_size=self.batch_size)  # type: ignore[arg-type]

    def val_dataloader(self) -> DataLoader[Any]:
        return self.train_dataloader()

    def test_dataloader(self) -> DataLoader[Any]:
        return self.train_dataloader()


class Normalize:
    def __init__(self, keys: list[str], channels: int = 1) -> None:
        self.keys = keys


def make_loader(path: str, columns: list[str], shuffle: bool = False) -> Any:
    return [path, columns, shuffle]
