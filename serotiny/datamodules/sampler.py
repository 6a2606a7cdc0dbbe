"""The order in which the rows of an epoch are seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.utils.data import Sampler


class EpochSampler(Sampler[int]):
    """A permutation of the rows that depends on the seed and the epoch alone.

    A run that is resumed at an epoch sees the rows in the same order as one that was not interrupted, whatever
    random numbers were drawn before. Lightning calls `set_epoch`; until somebody does, every pass is epoch 0.

    Args:
        rows: The number of rows.
        seed: Any integer; one that is not negative is taken as it is.
    """

    def __init__(self, rows: int, seed: int) -> None:
        self._rows = rows
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Take the permutation of this epoch from the next pass on."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[int]:
        # SeedSequence mixes the two: with a sum, epoch 1 of seed 0 would be epoch 0 of seed 1.
        state = np.random.SeedSequence((abs(self._seed), self._epoch)).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
        yield from torch.randperm(self._rows, generator=generator).tolist()
