from __future__ import annotations

import torch
from lightning import LightningDataModule
from torch.utils.data import DataLoader, TensorDataset, random_split


class PointsDataModule(LightningDataModule):
    def __init__(
        self,
        data_dir: str = "data/",
        batch_size: int = 16,
        split: tuple[int, int, int] = (96, 32, 32),
        num_workers: int = 0,
        pin_memory: bool = False,
    ) -> None:
        super().__init__()
        self.data_dir, self.split = data_dir, [int(size) for size in split]
        self.batch_size, self.num_workers, self.pin_memory = batch_size, num_workers, pin_memory

    def setup(self, stage: str | None = None) -> None:
        points = torch.randn(sum(self.split), 2, generator=torch.Generator().manual_seed(7))
        dataset = TensorDataset(points, (points.sum(1) > 0).long())
        generator = torch.Generator().manual_seed(42)
        self.parts = random_split(dataset, self.split, generator=generator)

    def _loader(self, part: int, shuffle: bool) -> DataLoader:
        return DataLoader(
            self.parts[part],
            batch_size=self.batch_size,
            num_workers=self.num_workers,
            pin_memory=self.pin_memory,
            shuffle=shuffle,
        )

    def train_dataloader(self) -> DataLoader:
        return self._loader(0, shuffle=True)

    def val_dataloader(self) -> DataLoader:
        return self._loader(1, shuffle=False)

    def test_dataloader(self) -> DataLoader:
        return self._loader(2, shuffle=False)
