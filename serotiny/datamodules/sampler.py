"""The order in which the rows of an epoch are seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DistributedSampler


class EpochSampler(DistributedSampler[int]):
    """An order of the rows that depends on the seed and the epoch alone.

    A run that is resumed at an epoch sees the rows in the same order as one that was not interrupted, whatever
    random numbers were drawn before. Lightning calls `set_epoch`; until somebody does, every pass is epoch 0.
    Of several processes each sees its share of that order, as with torch's own DistributedSampler, which it is one of
    so that Lightning does not put another around it.

    Args:
        rows: The number of rows.
        seed: Any integer; one that is not negative is taken as it is.
        classes: The number of each row's class, shape (rows,), from which as many rows are drawn as from any other
            class, with replacement; `None` for a permutation of the rows.
    """

    def __init__(self, rows: int, seed: int, classes: Tensor | None = None) -> None:
        # not the base's, which asks for the processes at once: they may not be there yet
        self._rows = rows
        self._seed = seed
        self._classes = None if classes is None else _Classes.of(classes)
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Take the order of this epoch from the next pass on."""
        self.epoch = epoch

    def __len__(self) -> int:
        count = processes()[1]
        return (self._rows + count - 1) // count

    def __iter__(self) -> Iterator[int]:
        yield from self.order().tolist()

    def order(self) -> Tensor:
        """The rows of this epoch and this process, int64, shape (n,)."""
        # SeedSequence mixes the two: with a sum, epoch 1 of seed 0 would be epoch 0 of seed 1.
        # abs: it takes no negative numbers
        state = np.random.SeedSequence((abs(self._seed), self.epoch)).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
        if self._classes is None:
            order = torch.randperm(self._rows, generator=generator)
        else:
            order = self._classes.draw(self._rows, generator)
        rank, count = processes()
        if count == 1:
            return order
        # as torch's own: the first rows once more, so that all processes have as many
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
        # float32 has 24 bits: of a class of more rows some would never be drawn
        within = torch.rand(count, generator=generator, dtype=torch.float64) * self._counts[chosen]
        return self._rows[self._starts[chosen] + within.long()]


def processes() -> tuple[int, int]:
    """This process's number, and how many there are."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
