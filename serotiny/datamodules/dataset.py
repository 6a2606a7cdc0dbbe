"""The rows of a split as dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from serotiny.datamodules.content import Content
from serotiny.datamodules.rows import Origin, Rows
from serotiny.diagnostics.counts import counted
from serotiny.io.dataframe.loaders.loader import Compact
from serotiny.io.dataframe.loaders.recycled import RecycledMemory
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.places import place_of_row

SKIPPED = object()
"""Replaces a value that a loader could not make, if such rows are left out."""


class ManifestDataset(Dataset[dict[str, Any]]):
    """A dictionary for each row, with the value of each loader under the loader's key.

    Values that are loaded at once are in memory, once for all splits; others are made when their row is requested.

    Args:
        content: The loaded file.
        positions: The positions of the split's rows, in their order.
    """

    def __init__(self, content: Content, positions: Tensor) -> None:
        self.content = content
        self.positions = positions
        self._memory = RecycledMemory()

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, index: int) -> dict[str, Any]:
        # for a negative index the slice could end at 0, and be empty
        return self.rows(
            self.positions[index : index + 1] if index >= 0 else self.positions[index].reshape(1)
        )[0]

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        """The rows at `indices`; torch's DataLoader calls this for each batch.

        Raises:
            ManifestError: a loader failed on a row; the message names file, row and key.
        """
        return self.rows(self.positions[torch.as_tensor(indices)])

    def rows(self, positions: Tensor, pinned: bool = False) -> Rows:
        """The rows at positions of the content, shape (n,).

        Args:
            positions: The positions of the rows.
            pinned: Gather tensors in page-locked memory, from which copies to a GPU are fast.

        Raises:
            ManifestError: a loader failed on a row, or none of the rows can be read.
        """
        found = self.readable(positions, pinned)
        if len(positions) and not len(found):
            raise ManifestError(f"of {counted(len(positions), 'row')} of a batch, none can be read")
        return found

    def readable(self, positions: Tensor, pinned: bool = False) -> Rows:
        """The rows at these positions without those that a loader leaves out; may be empty.

        Raises:
            ManifestError: a loader failed on a row that it does not leave out.
        """
        columns: dict[str, Tensor | list[Any]] = {}
        expansions: dict[str, Callable[[Tensor], Tensor]] = {}
        for key, values in self.content.values.items():
            if isinstance(values, Tensor):
                found = gather(values, positions, pinned)
                transform = self.content.transforms.get(key)
                columns[key] = found if transform is None else self._transformed(key, found, transform)
            elif isinstance(values, list):
                columns[key] = [values[position] for position in positions.tolist()]
            else:
                make: Callable[[int], Any] = values.__getitem__
                if isinstance(values, Compact):
                    make, expansions[key] = values.compact, values.expand
                made = (self._made(key, make, position) for position in positions.tolist())
                columns[key] = self._stacked(made, len(positions)) if key in expansions else list(made)
        origin_of = partial(self._origin, positions)
        return _without_skipped(Rows(columns, len(positions), expansions=expansions, origin_of=origin_of))

    def _origin(self, positions: Tensor, key: str, index: int) -> Origin:
        return self.content.origin(key, int(positions[index]))

    def _stacked(self, rows: Iterator[Any], count: int) -> Tensor | list[Any]:
        """Rows of bytes as one tensor, each copied while it is in the processor's cache; others as a list."""
        first = next(rows, None)
        if not isinstance(first, Tensor) or first.dtype != torch.uint8:
            return [] if first is None else [first, *rows]
        found = self._memory.empty((count, *first.shape), torch.uint8)
        memory = found.numpy()  # of which a row is copied in less time than of a tensor
        for number, row in enumerate(chain([first], rows)):
            if not isinstance(row, Tensor) or row.shape != first.shape or row.dtype != torch.uint8:
                return [*found[:number], row, *rows]
            memory[number] = row.numpy()
        return found

    def _made(self, key: str, make: Callable[[int], Any], position: int) -> Any:
        try:
            return make(position)
        except Exception as error:  # a user's loader may raise anything; the row is added to the message
            failed = getattr(self.content.values[key], "failed", None)
            if failed is not None and isinstance(error, ManifestError):
                failed[position] = True
                return SKIPPED
            reason = error if isinstance(error, ManifestError) else f"{type(error).__name__}: {error}"
            place = place_of_row(self.content.path, self.content.number(position))
            raise ManifestError(f"{self.content.path}: {place}: loader `{key}`: {reason}") from error

    def _transformed(self, key: str, values: Tensor, transform: Callable[[Tensor], Tensor]) -> Tensor:
        try:
            found = transform(values)
            rows = len(found)
        except Exception as error:
            raise ManifestError(
                f"{self.content.path}: the transform of loader `{key}`: {type(error).__name__}: {error}"
            ) from error
        if rows != len(values):
            raise ManifestError(
                f"{self.content.path}: the transform of loader `{key}` gave {counted(rows, 'row')} for {len(values)}"
            )
        return found


def _without_skipped(rows: Rows) -> Rows:
    """The rows of a batch without those that a loader could not read."""
    skipped = {
        index
        for values in rows.columns.values()
        if isinstance(values, list)
        for index, value in enumerate(values)
        if value is SKIPPED
    }
    return rows.without(skipped) if skipped else rows


def gather(values: Tensor, positions: Tensor, pinned: bool) -> Tensor:
    """Copy rows of a tensor into new memory, which the caller may change."""
    if not pinned:
        return values.index_select(0, positions)
    # torch caches freed page-locked memory, and reuses it when no transfer uses it any more
    out = torch.empty((len(positions), *values.shape[1:]), dtype=values.dtype, pin_memory=True)
    return torch.index_select(values, 0, positions, out=out)
