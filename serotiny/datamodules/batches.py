"""A loader that gathers whole batches instead of single rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler

from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.rows import collate_rows
from serotiny.datamodules.sampler import EpochSampler
from serotiny.datamodules.transport import SlotCollate, SlotReader
from serotiny.manifest.errors import ManifestError


class ManifestLoader(DataLoader[dict[str, Any]]):
    """torch's DataLoader, which gathers whole batches if it has no workers, no own sampler and no own collate function.

    DataLoader's work for each index of a batch takes longer than gathering the batch: more than twice as long for 100
    columns of float32 and 256 rows. The batches and the draws from torch's generator are the same.

    With `SlotCollate`, workers pass values on as they are stored, and they are expanded in this process. Of images
    with 8 bits, a quarter is written and read between the processes.
    """

    _reader: SlotReader | None = None

    def __iter__(self) -> Any:
        if isinstance(self.collate_fn, SlotCollate) and isinstance(self.dataset, ManifestDataset):
            reader, expansions = self._slot_reader(), self.dataset.content.expansions
            batches = told_as_here(super().__iter__())
            return (reader.read(batch, expansions) for batch in batches)
        if not self._is_plain():
            return told_as_here(super().__iter__()) if self.num_workers else super().__iter__()
        # DataLoader draws a seed for workers even if it has none
        torch.empty((), dtype=torch.int64).random_(generator=self.generator)
        return self._batches()

    def _slot_reader(self) -> SlotReader:
        """A new one for new workers; persistent ones do not send their slots again."""
        if not self.persistent_workers:
            return SlotReader()
        self._reader = self._reader or SlotReader()
        return self._reader

    def _is_plain(self) -> bool:
        """Whether batches only have to be gathered."""
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
        # as in DataLoader only when the first batch is requested, since Lightning sets the epoch after `iter()`
        order = self.sampler.order() if isinstance(self.sampler, EpochSampler) else torch.arange(len(dataset))
        pinned = self.pin_memory and torch.cuda.is_available()
        positions = dataset.positions[order]
        for start in range(0, len(positions), self.batch_size):
            chosen = positions[start : start + self.batch_size]
            if self.drop_last and len(chosen) < self.batch_size:
                return
            yield collate_rows(dataset.rows(chosen, pinned))


def told_as_here(batches: Iterator[Any]) -> Iterator[Any]:
    """The batches of loading processes.

    Raises:
        ManifestError: as it was raised there; torch makes its traceback the message of another one.
    """
    try:
        yield from batches
    except ManifestError as error:
        start = f"\n{type(error).__module__}.{type(error).__qualname__}: "
        raise type(error)(str(error).rpartition(start)[2].strip()) from None
