"""The cells of a table in blocks, from memory or read from a parquet file when they are requested."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from serotiny.io.dataframe.arrow import floats_as_arrow
from serotiny.manifest.errors import ManifestError

Texts = Mapping[str, pa.ChunkedArray]

_BLOCK_ROWS = 8000
_CELL_BYTES = 8
"""Of a cell whose type has no width, such as a text."""
_MOST_THREADS = 8
_LEAST_HELD_BYTES = 4 * 2**20
_MOST_HELD_BYTES = 256 * 2**20
_DECODED_BYTES = 2**20
"""pyarrow keeps what a column is decoded from until all columns that it was asked for are decoded."""


def reading_threads() -> int:
    """The number of threads that read a file: as many as pyarrow's, up to 8."""
    return min(int(pa.cpu_count()), _MOST_THREADS)


@dataclass(frozen=True)
class Block:
    """Some rows of some of the requested columns.

    Attributes:
        row: the position of its first row.
        column: the position of its first column among the requested ones.
        cells: the cells.
    """

    row: int
    column: int
    cells: pa.RecordBatch


@dataclass(frozen=True)
class Part:
    """Some rows of some of the requested columns, small enough to be held beside the whole table.

    Attributes:
        row: the position of its first row.
        rows: the number of its rows.
        column: the position of its first column among the requested ones.
        columns: the number of its columns.
        blocks: reads its cells, column by column; raises ManifestError if the file is damaged.
    """

    row: int
    rows: int
    column: int
    columns: int
    blocks: Callable[[], Iterator[Block]]


class Cells(Protocol):
    """Rows of named columns."""

    @property
    def names(self) -> list[str]: ...
    @property
    def rows(self) -> int: ...

    def parts(self, names: Sequence[str]) -> list[Part]:
        """All cells of some columns, in parts that threads may read side by side.

        One after the other, the blocks of a column are in the order of the rows.
        """

    def whole(self) -> pa.Table:
        """All cells as one table.

        Raises:
            ManifestError: the file is damaged.
        """

    def matrix(self, names: Sequence[str], dtype: str) -> npt.NDArray[Any] | None:
        """The cells of some columns, shape (rows, columns), if they are a matrix in memory; NaN for missing values."""

    def texts(self, name: str) -> pa.ChunkedArray | None:
        """The cells of a column as they are written, if they were kept beside what they mean."""

    def dictionary(self, name: str) -> pa.ChunkedArray | None:
        """The texts of a column as numbers of a dictionary, if that takes less time than the texts.

        Raises:
            ManifestError: the file is damaged.
        """


class HeldCells:
    """Cells in memory.

    Args:
        data: The cells.
        written: The texts of some columns, if `data` holds what they mean.
    """

    def __init__(self, data: pa.Table, written: Texts = MappingProxyType({})) -> None:
        self._data = data
        self._written = written

    @property
    def names(self) -> list[str]:
        return list(self._data.column_names)

    @property
    def rows(self) -> int:
        return int(self._data.num_rows)

    def parts(self, names: Sequence[str]) -> list[Part]:
        return _held_parts(self._data.select(list(names)))

    def whole(self) -> pa.Table:
        return self._data

    def matrix(self, names: Sequence[str], dtype: str) -> None:  # noqa: ARG002  # they are columns
        return None

    def texts(self, name: str) -> pa.ChunkedArray | None:
        return self._written.get(name)

    def dictionary(self, name: str) -> None:  # noqa: ARG002  # its texts are in memory
        return None


class PackedCells:
    """Cells in memory, where some columns are stored as matrices.

    Args:
        names: All columns, in order.
        others: The columns that are in no matrix.
        matrices: The matrices, by the names of their columns.
        written: The texts of some columns, if `others` holds what they mean.
    """

    def __init__(
        self,
        names: Sequence[str],
        others: pa.Table,
        matrices: Mapping[tuple[str, ...], npt.NDArray[Any]],
        written: Texts = MappingProxyType({}),
    ) -> None:
        self.names = list(names)
        self.rows = len(next(iter(matrices.values())))
        self._others = others
        self._matrices = matrices
        self._written = written
        self._given: set[tuple[str, ...]] = set()

    def parts(self, names: Sequence[str]) -> list[Part]:
        return _held_parts(self._table(names))

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

    def texts(self, name: str) -> pa.ChunkedArray | None:
        return self._written.get(name)

    def dictionary(self, name: str) -> None:  # noqa: ARG002  # its texts are in memory
        return None

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
    """Cells of a parquet file, of which a small part is in memory at a time.

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

    def parts(self, names: Sequence[str]) -> list[Part]:
        """A part is some row groups: small ones together, some columns of a large one, or of each where there are few."""
        row_bytes = self._row_bytes(names)
        threads = reading_threads()
        # a quarter of the table in all threads together: wide parts take less time to be written row by row
        part_bytes = min(max(row_bytes * self.rows // 4, _LEAST_HELD_BYTES), _MOST_HELD_BYTES) // threads
        windows = list(self._windows(row_bytes, part_bytes))
        # all threads have something to do, even if the file has few row groups
        most = ceil(len(names) * len(windows) / threads)
        found: list[Part] = []
        row = 0
        for groups, rows in windows:
            column_bytes = max(row_bytes * rows // len(names), 1)
            count = max(min(most, part_bytes // column_bytes), 1)
            at_once = max(_DECODED_BYTES // column_bytes, 1)
            for first in range(0, len(names), count):
                chosen = list(names[first : first + count])
                blocks = partial(self._blocks, groups, chosen, at_once, row, first)
                found.append(Part(row, rows, first, len(chosen), blocks))
            row += rows
        return found

    def _blocks(
        self, groups: list[int], names: list[str], at_once: int, row: int, column: int
    ) -> Iterator[Block]:
        try:
            # a file of its own, since pyarrow's cannot be read by several threads at a time
            with self._opened() as file:
                for first in range(0, len(names), at_once):
                    chosen = names[first : first + at_once]
                    read = file.read_row_groups(groups, columns=chosen, use_threads=False).select(chosen)
                    yield from _as_blocks(read, row, column + first)
                    del read  # while the next is read
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

    def texts(self, name: str) -> None:  # noqa: ARG002  # its cells have types of their own
        return None

    def dictionary(self, name: str) -> pa.ChunkedArray | None:
        try:
            kind = self._footer.schema.to_arrow_schema().field(name).type
            if not pa.types.is_string(kind.value_type if pa.types.is_dictionary(kind) else kind):
                return None
            with self._opened(read_dictionary=[name]) as file:
                return file.read(columns=[name], use_threads=False).column(name)
        except (OSError, pa.ArrowException) as error:
            raise ManifestError(f"not a readable parquet file: {error}") from error

    def _opened(self, read_dictionary: Sequence[str] = ()) -> pq.ParquetFile:
        # not read_table, which would make columns of `name=value` folders above the file
        return pq.ParquetFile(
            self._path, metadata=self._footer, pre_buffer=False, read_dictionary=list(read_dictionary)
        )

    def _windows(self, row_bytes: int, part_bytes: int) -> Iterator[tuple[list[int], int]]:
        """Row groups to be read together, with their number of rows."""
        groups: list[int] = []
        total = 0
        for index in range(self._footer.num_row_groups):
            rows = self._footer.row_group(index).num_rows
            if groups and row_bytes * (total + rows) > part_bytes:
                yield groups, total
                groups, total = [], 0
            groups.append(index)
            total += rows
        if groups:
            yield groups, total

    def _row_bytes(self, names: Sequence[str]) -> int:
        schema = self._footer.schema.to_arrow_schema()
        return sum(_width(schema.field(name).type) for name in names)


def _width(kind: pa.DataType) -> int:
    try:
        return ceil(int(kind.bit_width) / 8)
    except ValueError:
        return _CELL_BYTES


def _held_parts(table: pa.Table) -> list[Part]:
    return [
        Part(row, len(rows), 0, table.num_columns, partial(_as_blocks, rows, row, 0))
        for row in range(0, len(table), _BLOCK_ROWS)
        if (rows := table.slice(row, _BLOCK_ROWS))
    ]


def _as_blocks(table: pa.Table, row: int, column: int) -> Iterator[Block]:
    for batch in table.to_batches():
        yield Block(row, column, batch)
        row += batch.num_rows
