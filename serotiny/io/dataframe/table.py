"""Rows of one file: CSV or parquet."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from serotiny.io.dataframe.arrow import Positions, as_arrow, as_numpy, is_opaque, without_nan
from serotiny.io.dataframe.cells import Block, Cells, HeldCells, ParquetCells, Part
from serotiny.io.dataframe.csv_file import read_csv
from serotiny.io.dataframe.parquet_size import check_size
from serotiny.manifest.csv_text import reason
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_file
from serotiny.manifest.header import check_repeated, csv_header, is_stored_index, named
from serotiny.manifest.parquet_footer import check_rows
from serotiny.manifest.places import place_of_row
from serotiny.manifest.selection import missing_column

if TYPE_CHECKING:
    import pandas as pd


class Table:
    """Rows of a file, held column by column or read when they are requested.

    Args:
        path: The file that the rows came from.
        cells: The cells.
        numbers: Each row's number in the file, counted from 0; `None` when these are all rows in order.
        header: The names of all columns of the file, also of those that were not read; `None` for those of `cells`.
        chosen: Which rows of `cells` these are, ascending; `None` for all.
    """

    def __init__(
        self,
        path: Path,
        cells: pa.Table | Cells,
        numbers: Positions | None = None,
        header: Sequence[str] | None = None,
        chosen: Positions | None = None,
    ) -> None:
        self.path = path
        self.numbers = numbers
        self._cells = HeldCells(cells) if isinstance(cells, pa.Table) else cells
        self.header = self._cells.names if header is None else list(header)
        self._chosen = chosen

    @classmethod
    def of(
        cls, path: Path, columns: Mapping[str, Sequence[Any]], numbers: Sequence[int] | None = None
    ) -> Table:
        """A table made of cells in memory."""
        cells = pa.table({name: _column(list(column)) for name, column in columns.items()})
        return cls(path, cells, None if numbers is None else np.asarray(numbers, dtype=np.int64))

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """Rows of one file as one table, in the order given; no cell of those in memory is copied for it."""
        cells = pa.concat_tables([table._whole() for table in tables])
        numbers = [np.arange(len(table)) if table.numbers is None else table.numbers for table in tables]
        return cls(tables[0].path, cells, np.concatenate(numbers), tables[0].header)

    @property
    def folder(self) -> Path:
        """The folder from which relative paths in the cells start; absolute, since a job may change into its own."""
        return self.path.parent.absolute()

    def __len__(self) -> int:
        return self._cells.rows if self._chosen is None else len(self._chosen)

    def number(self, position: int) -> int:
        """The number that a row has in the file."""
        return position if self.numbers is None else int(self.numbers[position])

    def place(self, position: int) -> str:
        """Where a row stands in the file, in words."""
        return place_of_row(self.path, self.number(position))

    def require(self, names: Sequence[str]) -> None:
        """Check that the table has some columns.

        Raises:
            ManifestError: one does not exist, or was not read.
        """
        known, read = set(self.header), set(self._cells.names)
        for name in names:
            if name not in known:
                raise missing_column(name, self.header)
            if name not in read:
                raise ManifestError(
                    f"column `{name}` was not read: the class of the loader has to name it in `columns`"
                )

    def blocks(self, names: Sequence[str]) -> Iterator[Block]:
        """All cells of some columns, some rows and columns at a time.

        Raises:
            ManifestError: there is no such column, or the file is damaged.
        """
        return (block for part in self.parts(names) for block in part.blocks())

    def parts(self, names: Sequence[str]) -> list[Part]:
        """The same blocks in parts that threads may read side by side.

        Raises:
            ManifestError: there is no such column.
        """
        self.require(names)
        parts = self._cells.parts(names)
        return parts if self._chosen is None else [_of_rows(self._chosen, part) for part in parts]

    def matrix(self, names: Sequence[str], dtype: str) -> npt.NDArray[Any] | None:
        """The cells of some columns, shape (rows, columns), if they were read as such; NaN for no value.

        The caller may keep and change it.
        """
        found = self._cells.matrix(names, dtype)
        return found if found is None or self._chosen is None else found[self._chosen]

    def column(self, name: str) -> pa.Array:
        """The cells of a column; NaN counts as no value.

        Raises:
            ManifestError: there is no such column, or the file is damaged.
        """
        chunks = [block.cells.column(0) for block in self.blocks([name])]
        array = _one_array(pa.chunked_array(chunks)) if chunks else pa.nulls(0)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        return without_nan(array) if pa.types.is_floating(array.type) else array

    def texts(self, name: str) -> pa.Array:
        """The cells of a column as they are written, where the file holds texts; else those of `column`.

        Raises:
            ManifestError: there is no such column, or the file is damaged.
        """
        found = self._cells.texts(name)
        if found is None:
            return self.column(name)
        chosen = found if self._chosen is None else found.take(as_arrow(self._chosen))
        return chosen.combine_chunks()

    def coded(self, name: str) -> tuple[Positions, list[Any]]:
        """Each row's value in a column by number, -1 for none, and the values in the order of their numbers.

        Raises:
            ManifestError: there is no such column, its cells are lists, structures or bytes, or the file is damaged.
        """
        self.require([name])
        stored = self._cells.dictionary(name)
        if stored is None:
            coded, dictionary = _coded(name, self.column(name)), None
        else:
            chosen = stored if self._chosen is None else stored.take(as_arrow(self._chosen))
            texts = _one_array(chosen.unify_dictionaries())
            # a dictionary may have texts that no row has
            coded, dictionary = _coded(name, texts.indices), texts.dictionary
        codes: Positions = as_numpy(coded.indices).astype(np.int64)
        found = coded.dictionary if dictionary is None else dictionary.take(coded.dictionary)
        values = found.to_pylist()
        if None not in values:
            return codes, values
        none = values.index(None)
        numbers = np.arange(len(values))
        numbers[none:] -= 1
        numbers[none] = -1
        return numbers[codes], values[:none] + values[none + 1 :]

    def take(self, positions: Positions) -> Table:
        """Some rows, ascending; no cell is copied for it."""
        numbers = positions if self.numbers is None else self.numbers[positions]
        chosen = positions if self._chosen is None else self._chosen[positions]
        return Table(self.path, self._cells, numbers, self.header, chosen)

    def to_pandas(self) -> pd.DataFrame:
        """All cells as pandas holds them; the index is the rows' numbers in the file."""
        frame: pd.DataFrame = self._whole().to_pandas(ignore_metadata=True)
        return frame if self.numbers is None else frame.set_index(self.numbers)

    def _whole(self) -> pa.Table:
        cells = self._cells.whole()
        return cells if self._chosen is None else cells.take(as_arrow(self._chosen))


def read_table(
    path: Path,
    columns: Sequence[str] | None = None,
    types: Mapping[str, pa.DataType] | None = None,
    header: Sequence[str] | None = None,
    matrices: Sequence[Sequence[str]] = (),
    written: Collection[str] = (),
) -> Table:
    """Read a CSV (UTF-8, comma, one header line) or parquet file from the local disk.

    Args:
        path: A file whose suffix is `.csv` or `.parquet`.
        columns: The columns to read, all when `None`. The result is in the file's order.
        types: The types that columns of a CSV should have, see `read_csv`.
        header: The columns that messages list, when they are not those that are read.
        matrices: Columns of a CSV that are wanted as one matrix of floats, see `read_csv`.
        written: Columns of a CSV whose texts are wanted beside what they mean, see `read_csv`.

    Raises:
        ManifestError: no such file, a format that cannot be read, a damaged file, a repeated or
            missing column; names the file and the column.
    """
    check_file(path)
    try:
        if path.suffix.lower() == ".csv":
            return _read_csv(path, columns, header, types=types or {}, matrices=matrices, written=written)
        return _open_parquet(path, columns, header)
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise ManifestError(
            f"{path}: not a readable {path.suffix[1:].lower()} file: {reason(error)}"
        ) from error


def _read_csv(
    path: Path,
    columns: Sequence[str] | None,
    header: Sequence[str] | None,
    **options: Any,
) -> Table:
    first_line = csv_header(path)
    check_repeated(first_line)
    names = named(first_line)
    chosen = _chosen(names, columns)
    cells = read_csv(path, chosen, header=names if names != first_line else (), **options)
    return Table(path, cells, header=header)


def _open_parquet(path: Path, columns: Sequence[str] | None, header: Sequence[str] | None) -> Table:
    with pq.ParquetFile(path) as file:
        names, footer = file.schema_arrow.names, file.metadata
    check_rows(path, footer.num_rows)
    check_repeated(names)
    chosen = _chosen([name for name in names if not is_stored_index(name)], columns)
    check_size(path, footer, set(chosen))
    return Table(path, ParquetCells(path, chosen, footer), header=header)


def _chosen(header: list[str], columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return header
    wanted = set(columns)
    for name in columns:
        if name not in header:
            raise missing_column(name, header)
    return [name for name in header if name in wanted]


def _of_rows(chosen: Positions, part: Part) -> Part:
    """What a part holds of some rows."""
    first, last = np.searchsorted(chosen, (part.row, part.row + part.rows))
    blocks = partial(_chosen_blocks, chosen, part)
    return Part(int(first), int(last - first), part.column, part.columns, blocks)


def _chosen_blocks(chosen: Positions, part: Part) -> Iterator[Block]:
    for block in part.blocks():
        first, last = np.searchsorted(chosen, (block.row, block.row + block.cells.num_rows))
        if first < last:
            within = as_arrow(chosen[first:last] - block.row)
            yield Block(int(first), block.column, block.cells.take(within))
        del block  # as whoever goes through blocks should: it keeps all that was read with it


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _coded(name: str, column: pa.Array) -> pa.DictionaryArray:
    """The values of a column in the order in which they come, with a missing one among them.

    Raises:
        ManifestError: its cells are lists, structures or bytes.
    """
    if is_opaque(column.type):
        raise ManifestError(
            f"column `{name}` holds {column.type}; its cells are numbers or texts where rows are told apart by it"
        )
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())  # arrow has no dictionaries of float16
    return column.dictionary_encode(null_encoding="encode")


def _column(cells: list[Any]) -> pa.Array:
    """Cells as a column; as text where their types differ, as they would be read from a CSV."""
    try:
        return pa.array(cells, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else str(cell) for cell in cells])
