"""A loader that gathers whole batches instead of single rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler

from serotiny.datamodules.content import Content
from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.rows import Rows, collate_rows
from serotiny.datamodules.sampler import EpochSampler
from serotiny.datamodules.transport import SlotCollate, SlotReader
from serotiny.io.dataframe.loaders.numbers import NumberType
from serotiny.manifest.errors import ManifestError

_MOST_AT_ONCE = 16
_MOST_BYTES_AT_ONCE = 2**20
"""What stays in the processor's cache until it is used."""

_DTYPES = frozenset(getattr(torch, name) for name in get_args(NumberType))

_ALIGNED_BYTES = 64
"""Where torch begins a tensor, and so where each batch begins: some functions of a processor give other last bits elsewhere."""


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
        if self.drop_last:
            positions = positions[: len(positions) // self.batch_size * self.batch_size]
        # page-locked memory is known to torch by where a tensor's own begins, so each batch has its own
        at_once = 1 if pinned else _batches_at_once(dataset.content, self.batch_size)
        step = at_once * self.batch_size
        for start in range(0, len(positions), step):
            rows = dataset.rows(positions[start : start + step], pinned)
            if at_once == 1:
                yield collate_rows(rows)
            else:
                yield from _divided(rows, self.batch_size)


def _batches_at_once(content: Content, batch_rows: int) -> int:
    """How many batches to gather at once, which takes less time if they are small; 1 if they cannot be divided."""
    if content.transforms:
        return 1
    total = 0
    for values in content.values.values():
        if not isinstance(values, Tensor) or not _is_plain(values):
            return 1
        size = batch_rows * values[:1].nbytes
        if size % _ALIGNED_BYTES:
            return 1
        total += size
    return max(1, min(_MOST_AT_ONCE, _MOST_BYTES_AT_ONCE // max(1, total)))


def _is_plain(values: Tensor) -> bool:
    """Whether numpy can hold them; a loader of one's own may give others."""
    return (
        type(values) is Tensor
        and values.is_cpu
        and values.layout is torch.strided
        and not values.requires_grad
        and values.dtype in _DTYPES
    )


def _divided(rows: Rows, batch_rows: int) -> Iterator[dict[str, Any]]:
    """Batches in memory that they share, through numpy: torch's own views know of one another.

    A change of one batch would forbid the gradient of another, and to save one would save all.
    """
    columns = {key: column.numpy() for key, column in rows.columns.items() if isinstance(column, Tensor)}
    for start in range(0, len(rows), batch_rows):
        yield {key: torch.from_numpy(column[start : start + batch_rows]) for key, column in columns.items()}


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
