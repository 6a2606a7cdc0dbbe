from __future__ import annotations

from typing import Any

from pytorch_lightning import LightningDataModule


class Molecules(LightningDataModule):
    def __init__(
        self,
        datapath: str,
        batch_size: int,
        num_train: int | None = None,
        transforms: list[Any] | None = None,
        train_sampler: Any = None,
    ) -> None:
        super().__init__()


class Dataset:
    def __init__(self, datapath: str, transforms: list[Any] | None = None) -> None:
        self.datapath = datapath


class Center:
    pass


class Neighbors:
    def __init__(self, cutoff: float) -> None:
        self.cutoff = cutoff


class Stratified:
    def __init__(self, bins: int = 10) -> None:
        self.bins = bins
