"""Pass images from loading processes in shared memory that stays mapped, instead of new memory for each batch.

torch takes and sends new memory for each batch. Its pages and its handle cost both processes together a quarter of the time
of decoding PNG files of 128 x 128.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data import get_worker_info

from serotiny.datamodules.rows import Expansions, Rows, collate_compact

_HEAD_BYTES: Final = 64
"""Before the values of a slot; the first byte is its state, which the loading process and its parent change in turns."""

_NEW, _IN_USE, _READ = range(3)

_MOST_SLOTS: Final = 8
"""For each loading process, which is more than the batches that are loaded in advance."""


@dataclass(frozen=True, kw_only=True)
class InSlot:
    """Values in a slot, as a loading process sends them.

    Attributes:
        worker, number: of the loading process, and of the slot in it.
        memory: the slot; None if the parent has read from it before.
        shape: of the values.
    """

    worker: int
    number: int
    memory: Tensor | None
    shape: tuple[int, ...]


class SlotCollate:
    """`collate_compact` of a loading process, with images of 8 bits in slots."""

    def __init__(self) -> None:
        self._slots: list[Tensor] = []

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The batch.

        Raises:
            ManifestError: as `collate_compact`.
        """
        worker = get_worker_info()
        if worker is None or not isinstance(rows, Rows):
            return collate_compact(rows)
        found = {key: self._in_slot(rows.columns[key], worker.id) for key in rows.expansions}
        rest = {key: column for key, column in rows.columns.items() if found.get(key) is None}
        batch = collate_compact(Rows(rest, len(rows), expansions=rows.expansions, origin_of=rows.origin_of))
        return {key: batch[key] if key in batch else found[key] for key in rows.columns}

    def _in_slot(self, column: Tensor | list[Any], worker: int) -> InSlot | None:
        """The rows; None if they are no images of 8 bits and of one shape, or all slots are in use."""
        if not isinstance(column, Tensor) or column.dtype != torch.uint8:
            return None
        number = self._free(_HEAD_BYTES + column.nbytes)
        if number is None:
            return None
        slot = self._slots[number]
        _values(slot, column.shape).copy_(column)
        is_new = slot[0] == _NEW
        slot[0] = _IN_USE
        return InSlot(
            worker=worker, number=number, memory=slot if is_new else None, shape=tuple(column.shape)
        )

    def _free(self, size: int) -> int | None:
        """The number of a slot of at least this size; None if all are in use."""
        free = [number for number, slot in enumerate(self._slots) if slot[0] != _IN_USE]
        for number in free:
            if len(self._slots[number]) >= size:
                return number
        if not free and len(self._slots) == _MOST_SLOTS:
            return None
        made = torch.zeros(size, dtype=torch.uint8).share_memory_()  # type: ignore[no-untyped-call]  # torch's
        if free:
            self._slots[free[0]] = made
            return free[0]
        self._slots.append(made)
        return len(self._slots) - 1


class SlotReader:
    """Reads the batches of loading processes in their parent."""

    def __init__(self) -> None:
        self._slots: dict[tuple[int, int], Tensor] = {}

    def read(self, batch: dict[str, Any], expansions: Expansions) -> dict[str, Any]:
        """The batch with all values expanded, in memory of its own."""
        return {
            key: self._read(value, expansions[key]) if key in expansions else value
            for key, value in batch.items()
        }

    def _read(self, value: Tensor | InSlot, expand: Callable[[Tensor], Tensor]) -> Tensor:
        if isinstance(value, Tensor):
            return expand(value)
        key = (value.worker, value.number)
        if value.memory is not None:
            self._slots[key] = value.memory
        slot = self._slots[key]
        stored = _values(slot, value.shape)
        found = expand(stored)
        if found.untyped_storage().data_ptr() == stored.untyped_storage().data_ptr():
            found = found.clone()
        slot[0] = _READ
        return found


def _values(slot: Tensor, shape: tuple[int, ...]) -> Tensor:
    return slot[_HEAD_BYTES : _HEAD_BYTES + math.prod(shape)].view(shape)
