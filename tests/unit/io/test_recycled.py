"""Memory that is used again."""

from __future__ import annotations

import pickle

import torch

from serotiny.io.dataframe.loaders.recycled import RecycledMemory

SHAPE = (512, 1024)


def test_memory_is_used_again_once_no_tensor_is_on_it() -> None:
    """Not while a view or a tensor of the same storage is there; other sizes and small tensors get their own."""
    memory = RecycledMemory()
    first = memory.empty(SHAPE, torch.float32)
    address, row = first.data_ptr(), first[3]
    del first
    second = memory.empty(SHAPE, torch.float32)
    del row
    third = memory.empty(SHAPE, torch.float32)
    assert address != second.data_ptr()
    assert address == third.data_ptr()
    assert (SHAPE, torch.float32) == (tuple(third.shape), third.dtype)
    assert address != memory.empty((511, 1024), torch.float32).data_ptr()
    assert (2, 3) == tuple(memory.empty((2, 3), torch.float64).shape)


def test_another_process_has_memory_of_its_own() -> None:
    """A pickled one is empty."""
    memory = RecycledMemory()
    memory.empty(SHAPE, torch.float32)
    assert SHAPE == tuple(pickle.loads(pickle.dumps(memory)).empty(SHAPE, torch.float32).shape)
