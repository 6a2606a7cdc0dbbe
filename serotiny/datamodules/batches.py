"""A loader of batches that gathers them without going through their rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler

from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.rows import collate_rows
from serotiny.datamodules.sampler import EpochSampler


class ManifestLoader(DataLoader[dict[str, Any]]):
    """torch's DataLoader, which, in the process itself and with nothing of one's own, asks for whole batches.

    What DataLoader does to each index of a batch takes longer than to gather the batch: of 100 columns of float32 and
    256 rows, more than twice as long. The batches are the same, and so is what is drawn from torch's generator.
    """

    def __iter__(self) -> Any:
        if not self._is_plain():
            return super().__iter__()
        # DataLoader draws the seed of its workers, also without workers
        torch.empty((), dtype=torch.int64).random_(generator=self.generator)
        return self._batches()

    def _is_plain(self) -> bool:
        """Whether the rows need no more than to be gathered."""
        return (
            not self.num_workers
            and self.collate_fn is collate_rows
            and type(self.batch_sampler) is BatchSampler
            and isinstance(self.dataset, ManifestDataset)
            and (isinstance(self.sampler, EpochSampler) or type(self.sampler) is SequentialSampler)
        )

    def _batches(self) -> Iterator[dict[str, Any]]:
        dataset = self.dataset
        assert isinstance(dataset, ManifestDataset)
        assert self.batch_size is not None
        # as with DataLoader, when the first batch is asked for: Lightning sets the epoch after it made the iterator
        order = self.sampler.order() if isinstance(self.sampler, EpochSampler) else torch.arange(len(dataset))
        pinned = self.pin_memory and torch.cuda.is_available()
        positions = dataset.positions[order]
        for start in range(0, len(positions), self.batch_size):
            chosen = positions[start : start + self.batch_size]
            if self.drop_last and len(chosen) < self.batch_size:
                return
            yield collate_rows(dataset.rows(chosen, pinned))
