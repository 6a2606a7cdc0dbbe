"""Memory that is used again for the next batch, since the system takes longer to give new pages than to fill them."""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_LEAST_BYTES = 2**20
"""What is smaller comes from the heap, which keeps its pages."""

_MOST_KEPT = 3


class RecycledMemory:
    """Makes tensors whose memory is kept when the last tensor on it is gone, and given to the next one of its size."""

    def __init__(self) -> None:
        self._kept: list[npt.NDArray[Any]] = []

    def __reduce__(self) -> tuple[type[RecycledMemory], tuple[()]]:
        return RecycledMemory, ()

    def empty(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """A tensor of arbitrary values."""
        size = math.prod(shape) * dtype.itemsize
        if size < _LEAST_BYTES:
            return torch.empty(shape, dtype=dtype)
        memory = self._take(size)
        # torch owns this view until the storage is freed, however many tensors share it
        view = memory[:]
        weakref.finalize(view, self._keep, memory).atexit = False
        return torch.from_numpy(view).view(dtype).view(*shape)

    def _take(self, size: int) -> npt.NDArray[Any]:
        for index, memory in enumerate(self._kept):
            if memory.nbytes == size:
                return self._kept.pop(index)
        return np.empty(size, np.uint8)

    def _keep(self, memory: npt.NDArray[Any]) -> None:
        self._kept.append(memory)
        del self._kept[:-_MOST_KEPT]
