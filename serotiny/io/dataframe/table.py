"""Rows of one file: CSV or parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from serotiny.io.dataframe.csv_file import read_csv
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_file
from serotiny.manifest.header import check_repeated, csv_header, is_stored_index, named
from serotiny.manifest.selection import missing_column

if TYPE_CHECKING:
    import pandas as pd

BLOCK_ROWS = 8192
"""Rows that are copied at a time: few enough for a block to stay in the processor's cache."""

_GROUP_BYTES = 32 * 1024 * 1024
_FEWEST_COLUMNS = 16

Positions = npt.NDArray[np.int64]


class Table:
    """Rows of a file, held column by column.

    Args:
        path: The file that the rows came from.
        data: The cells.
        numbers: Each row's number in the file, counted from 0; `None` when these are all rows in order.
        header: The names of all columns of the file, also of those that were not read; `None` for those of `data`.
    """

    def __init__(
        self,
        path: Path,
        data: pa.Table,
        numbers: Positions | None = None,
        header: Sequence[str] | None = None,
    ) -> None:
        self.path = path
        self.numbers = numbers
        self.header = list(data.column_names if header is None else header)
        self._data = data

    @classmethod
    def of(
        cls, path: Path, columns: Mapping[str, Sequence[Any]], numbers: Sequence[int] | None = None
    ) -> Table:
        """A table made of cells in memory."""
        data = pa.table({name: _column(list(cells)) for name, cells in columns.items()})
        return cls(path, data, None if numbers is None else np.asarray(numbers, dtype=np.int64))

    @property
    def folder(self) -> Path:
        """The folder from which relative paths in the cells start."""
        return self.path.parent

    def __len__(self) -> int:
        return int(self._data.num_rows)

    def number(self, position: int) -> int:
        """The number that a row has in the file."""
        return position if self.numbers is None else int(self.numbers[position])

    def require(self, names: Sequence[str]) -> None:
        """Check that the table has some columns.

        Raises:
            ManifestError: one does not exist, or was not read.
        """
        known, read = set(self.header), set(self._data.column_names)
        for name in names:
            if name not in known:
                raise missing_column(name, self.header)
            if name not in read:
                raise ManifestError(
                    f"column `{name}` was not read: the class of the loader has to name it in `columns`"
                )

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns, a block of rows at a time.

        Raises:
            ManifestError: there is no such column, or the file is damaged.
        """
        self.require(names)
        yield from self._data.select(list(names)).to_batches(max_chunksize=BLOCK_ROWS)

    def groups(self, names: Sequence[str]) -> list[Sequence[str]]:
        """The columns in groups to be read one after the other, which bounds the memory."""
        return [names]

    def column(self, name: str) -> pa.Array:
        """The cells of a column; NaN counts as no value.

        Raises:
            ManifestError: there is no such column, or the file is damaged.
        """
        chunks = [batch.column(0) for batch in self.batches([name])]
        array = pa.chunked_array(chunks).combine_chunks() if chunks else pa.array([], pa.null())
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_floating(array.type):
            return pa.array(array.to_numpy(zero_copy_only=False), from_pandas=True)
        return array

    def take(self, positions: Positions) -> Table:
        """Some rows, in memory."""
        data = self._whole(self._data.column_names)
        numbers = positions if self.numbers is None else self.numbers[positions]
        return Table(self.path, data.take(pa.array(positions)), numbers, self.header)

    def to_pandas(self) -> pd.DataFrame:
        """All cells as pandas holds them; the index is the rows' numbers in the file."""
        frame: pd.DataFrame = self._whole(self._data.column_names).to_pandas(ignore_metadata=True)
        return frame if self.numbers is None else frame.set_index(self.numbers)

    def _whole(self, names: Sequence[str]) -> pa.Table:
        return self._data.select(list(names))


class ParquetTable(Table):
    """A parquet file of which each column is read when it is requested.

    Args:
        path: The file.
        schema: The columns that may be requested.
        rows: The number of rows.
        header: The names of all columns of the file, also of those that may not be requested.
    """

    def __init__(self, path: Path, schema: pa.Schema, rows: int, header: Sequence[str] | None = None) -> None:
        super().__init__(path, schema.empty_table(), header=header)
        self._rows = rows

    def __len__(self) -> int:
        return self._rows

    def groups(self, names: Sequence[str]) -> list[Sequence[str]]:
        """Groups of some tens of megabytes, but of 16 columns at least: pyarrow decodes columns in parallel."""
        count = max(_FEWEST_COLUMNS, _GROUP_BYTES // (8 * self._rows + 1))
        return [names[start : start + count] for start in range(0, len(names), count)]

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns, a block of rows at a time, read when they are requested."""
        self.require(names)
        yield from self._whole(names).to_batches(max_chunksize=BLOCK_ROWS)

    def _whole(self, names: Sequence[str]) -> pa.Table:
        try:
            # ParquetFile and not read_table, which takes `name=value` folders above the file for columns;
            # `iter_batches` by row groups would need less memory, but twice the time
            with pq.ParquetFile(self.path, pre_buffer=False) as file:
                return file.read(columns=list(names)).select(list(names))
        except (OSError, pa.ArrowException) as error:
            raise ManifestError(f"not a readable parquet file: {error}") from error


def read_table(
    path: Path,
    columns: Sequence[str] | None = None,
    types: Mapping[str, pa.DataType] | None = None,
    header: Sequence[str] | None = None,
) -> Table:
    """Read a CSV (UTF-8, comma, one header line) or parquet file from the local disk.

    Args:
        path: A file whose suffix is `.csv` or `.parquet`.
        columns: The columns to read, all when `None`. The result is in the file's order.
        types: The types that columns of a CSV should have, see `read_csv`.
        header: The columns that messages list, when they are not those that are read.

    Raises:
        ManifestError: no such file, a format that cannot be read, a damaged file, a repeated or
            missing column; names the file and the column.
    """
    check_file(path)
    try:
        if path.suffix.lower() == ".csv":
            return _read_csv(path, columns, types or {}, header)
        return _open_parquet(path, columns, header)
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise ManifestError(f"{path}: not a readable {path.suffix[1:].lower()} file: {error}") from error


def _read_csv(
    path: Path,
    columns: Sequence[str] | None,
    types: Mapping[str, pa.DataType],
    header: Sequence[str] | None,
) -> Table:
    written = csv_header(path)
    check_repeated(written)
    names = named(written)
    chosen = _chosen(names, columns)
    data = read_csv(path, chosen, types, names if names != written else ())
    return Table(path, data, header=header)


def _open_parquet(path: Path, columns: Sequence[str] | None, header: Sequence[str] | None) -> Table:
    with pq.ParquetFile(path) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    check_repeated(schema.names)
    chosen = _chosen([name for name in schema.names if not is_stored_index(name)], columns)
    return ParquetTable(path, pa.schema([schema.field(name) for name in chosen]), rows, header)


def _chosen(header: list[str], columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return header
    wanted = set(columns)
    for name in columns:
        if name not in header:
            raise missing_column(name, header)
    return [name for name in header if name in wanted]


def _column(cells: list[Any]) -> pa.Array:
    """Cells as a column; as text where their types differ, as they would be read from a CSV."""
    try:
        return pa.array(cells, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else str(cell) for cell in cells])
