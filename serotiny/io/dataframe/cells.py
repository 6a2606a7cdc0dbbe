"""The cells of a table in blocks, from memory or read from a parquet file when they are requested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from serotiny.io.dataframe.arrow import floats_as_arrow
from serotiny.manifest.errors import ManifestError

_BLOCK_ROWS = 8000
"""Not a power of two, at which the columns of a block would share few lines of the processor's cache."""
_READ_BYTES = 8 * 1024 * 1024
_CELL_BYTES = 8
"""Of a cell whose type has no width, such as a text."""
_MOST_THREADS = 8
_COLUMNS_AT_ONCE = 10
"""pyarrow keeps what a column is decoded from until all columns that it was asked for are decoded."""


def reading_threads() -> int:
    """The number of threads that read a file: as many as pyarrow's, up to 8, each of which holds some megabytes."""
    return min(int(pa.cpu_count()), _MOST_THREADS)


@dataclass(frozen=True)
class Block:
    """Some rows of some of the requested columns.

    Attributes:
        row: the position of its first row.
        column: the position of its first column among the requested ones.
        cells: the cells, some megabytes at most, so that much of them stays in the processor's cache.
    """

    row: int
    column: int
    cells: pa.RecordBatch


class Cells(Protocol):
    """Rows of named columns."""

    @property
    def names(self) -> list[str]: ...
    @property
    def rows(self) -> int: ...

    def parts(self, names: Sequence[str]) -> list[Iterator[Block]]:
        """All cells of some columns, in parts that threads may read side by side.

        One after the other, the blocks of a column are in the order of the rows. Nothing is read before a part is asked for
        its first block.

        Raises:
            ManifestError: when a part is read: the file is damaged.
        """

    def whole(self) -> pa.Table:
        """All cells as one table.

        Raises:
            ManifestError: the file is damaged.
        """

    def matrix(self, names: Sequence[str], dtype: str) -> npt.NDArray[Any] | None:
        """The cells of some columns, shape (rows, columns), if they are a matrix in memory; NaN for missing values."""


class HeldCells:
    """Cells in memory."""

    def __init__(self, data: pa.Table) -> None:
        self._data = data

    @property
    def names(self) -> list[str]:
        return list(self._data.column_names)

    @property
    def rows(self) -> int:
        return int(self._data.num_rows)

    def parts(self, names: Sequence[str]) -> list[Iterator[Block]]:
        return [_cut(self._data.select(list(names)), 0, 0)]

    def whole(self) -> pa.Table:
        return self._data

    def matrix(self, names: Sequence[str], dtype: str) -> None:  # noqa: ARG002  # they are columns
        return None


class PackedCells:
    """Cells in memory, where some columns are stored as matrices.

    Args:
        names: All columns, in order.
        others: The columns that are in no matrix.
        matrices: The matrices, by the names of their columns.
    """

    def __init__(
        self, names: Sequence[str], others: pa.Table, matrices: Mapping[tuple[str, ...], npt.NDArray[Any]]
    ) -> None:
        self.names = list(names)
        self.rows = len(next(iter(matrices.values())))
        self._others = others
        self._matrices = matrices
        self._given: set[tuple[str, ...]] = set()

    def parts(self, names: Sequence[str]) -> list[Iterator[Block]]:
        return [_cut(self._table(names), 0, 0)]

    def whole(self) -> pa.Table:
        return self._table(self.names)

    def matrix(self, names: Sequence[str], dtype: str) -> npt.NDArray[Any] | None:
        key = tuple(names)
        found = self._matrices.get(key)
        if found is None or found.dtype != dtype:
            return None
        if key in self._given:
            return found.copy()  # a copy, since the caller may change it
        self._given.add(key)
        return found

    def _table(self, names: Sequence[str]) -> pa.Table:
        columns: dict[str, pa.Array | pa.ChunkedArray] = {}
        for name in names:
            found = next((key for key in self._matrices if name in key), None)
            if found is None:
                columns[name] = self._others[name]
            else:
                columns[name] = floats_as_arrow(self._matrices[found][:, found.index(name)])
        return pa.table(columns)


class ParquetCells:
    """Cells of a parquet file, of which only some tens of megabytes are in memory at a time.

    Args:
        path: The file.
        names: The columns that may be requested.
        footer: The file's metadata, with its row groups.
    """

    def __init__(self, path: Path, names: Sequence[str], footer: pq.FileMetaData) -> None:
        self.names = list(names)
        self.rows: int = footer.num_rows
        self._path = path
        self._footer = footer

    def parts(self, names: Sequence[str]) -> list[Iterator[Block]]:
        """A part is some row groups: small ones together, some columns of a large one, or of each where there are few."""
        windows = list(self._windows(names))
        least = ceil(reading_threads() / max(len(windows), 1))
        found: list[Iterator[Block]] = []
        row = 0
        for groups, rows, size in windows:
            count = ceil(len(names) / max(least, ceil(size / _READ_BYTES)))
            found.extend(
                self._part(groups, names[first : first + count], row, first)
                for first in range(0, len(names), count)
            )
            row += rows
        return found

    def _part(self, groups: list[int], names: Sequence[str], row: int, column: int) -> Iterator[Block]:
        try:
            # a file of its own, since pyarrow's cannot be read by several threads at a time
            with self._opened() as file:
                columns = [
                    cells
                    for first in range(0, len(names), _COLUMNS_AT_ONCE)
                    for cells in _read(file, groups, list(names[first : first + _COLUMNS_AT_ONCE]))
                ]
            yield from _cut(pa.table(columns, names=list(names)), row, column)
        except (OSError, pa.ArrowException) as error:
            raise ManifestError(f"not a readable parquet file: {error}") from error

    def whole(self) -> pa.Table:
        try:
            with self._opened() as file:
                return file.read(columns=self.names).select(self.names)
        except (OSError, pa.ArrowException) as error:
            raise ManifestError(f"not a readable parquet file: {error}") from error

    def matrix(self, names: Sequence[str], dtype: str) -> None:  # noqa: ARG002  # they are columns
        return None

    def _opened(self) -> pq.ParquetFile:
        # not read_table, which would make columns of `name=value` folders above the file
        return pq.ParquetFile(self._path, metadata=self._footer, pre_buffer=False)

    def _windows(self, names: Sequence[str]) -> Iterator[tuple[list[int], int, int]]:
        """Row groups to be read together, with their number of rows and about the bytes that these columns take."""
        row_bytes = self._row_bytes(names)
        groups: list[int] = []
        total = 0
        for index in range(self._footer.num_row_groups):
            rows = self._footer.row_group(index).num_rows
            if groups and row_bytes * (total + rows) > _READ_BYTES:
                yield groups, total, row_bytes * total
                groups, total = [], 0
            groups.append(index)
            total += rows
        if groups:
            yield groups, total, row_bytes * total

    def _row_bytes(self, names: Sequence[str]) -> int:
        schema = self._footer.schema.to_arrow_schema()
        return sum(_width(schema.field(name).type) for name in names)


def _read(file: pq.ParquetFile, groups: list[int], names: list[str]) -> list[pa.ChunkedArray]:
    read = file.read_row_groups(groups, columns=names, use_threads=False)
    return [read[name] for name in names]


def _width(kind: pa.DataType) -> int:
    try:
        return ceil(int(kind.bit_width) / 8)
    except ValueError:
        return _CELL_BYTES


def _cut(table: pa.Table, row: int, column: int) -> Iterator[Block]:
    for batch in table.to_batches(max_chunksize=_BLOCK_ROWS):
        yield Block(row, column, batch)
        row += batch.num_rows
