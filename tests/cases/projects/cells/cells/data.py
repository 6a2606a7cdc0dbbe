from __future__ import annotations

from typing import Any

from lightning import LightningDataModule


class CellsDataModule(LightningDataModule):
    def __init__(self, path: str, columns: list[str], batch_size: int = 1, transforms: Any = None) -> None:
        super().__init__()


class Normalize:
    def __init__(self, keys: list[str], channels: int = 1) -> None:
        self.keys = keys


def make_loader(path: str, columns: list[str], shuffle: bool = False) -> Any:
    return [path, columns, shuffle]
