"""The order of the rows in an epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DistributedSampler


class EpochSampler(DistributedSampler[int]):
    """An order of the rows that depends only on the seed and the epoch.

    So a resumed run uses the rows in the same order as an uninterrupted one, whatever random numbers were drawn
    before. Lightning calls `set_epoch`; without that every pass is epoch 0. With several processes each gets its share
    of the order, as with torch's DistributedSampler. It is a subclass of that, so that Lightning does not wrap it in
    another one.

    Args:
        rows: The number of rows.
        seed: Any integer; its absolute value is used.
        classes: The class number of each row, shape (rows,): rows are drawn with replacement, equally often from each
            class. `None` for a permutation of the rows.
    """

    def __init__(self, rows: int, seed: int, classes: Tensor | None = None) -> None:
        # not the base's, which asks for the number of processes at once, before they may have been started
        self._rows = rows
        self._seed = seed
        self._classes = None if classes is None else _Classes.of(classes)
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Use the order of this epoch from the next pass on."""
        self.epoch = epoch

    def __len__(self) -> int:
        count = processes()[1]
        return (self._rows + count - 1) // count

    def __iter__(self) -> Iterator[int]:
        yield from self.order().tolist()

    def order(self) -> Tensor:
        """The row numbers of this epoch and process, int64, shape (n,)."""
        # SeedSequence mixes seed and epoch; with their sum, epoch 1 of seed 0 would be epoch 0 of seed 1.
        # abs, since SeedSequence accepts no negative numbers
        state = np.random.SeedSequence((abs(self._seed), self.epoch)).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
        if self._classes is None:
            order = torch.randperm(self._rows, generator=generator)
        else:
            order = self._classes.draw(self._rows, generator)
        rank, count = processes()
        if count == 1:
            return order
        # as in torch, the first rows are repeated so that all processes have the same number of rows
        padded = order[torch.arange(len(self) * count) % self._rows]
        return padded[rank::count]


class _Classes:
    """The rows of each class."""

    def __init__(self, rows: Tensor, starts: Tensor, counts: Tensor) -> None:
        self._rows = rows
        self._starts = starts
        self._counts = counts

    @classmethod
    def of(cls, classes: Tensor) -> _Classes:
        counts = torch.bincount(classes)
        counts = counts[counts > 0]
        return cls(torch.argsort(classes, stable=True), counts.cumsum(0) - counts, counts)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(self._counts), (count,), generator=generator)
        # float64, since float32 has 24 bits, and some rows of a larger class would never be drawn
        within = torch.rand(count, generator=generator, dtype=torch.float64) * self._counts[chosen]
        return self._rows[self._starts[chosen] + within.long()]


def processes() -> tuple[int, int]:
    """The number of this process, and the number of processes."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
