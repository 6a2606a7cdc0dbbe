"""A CSV file as columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from serotiny.io.dataframe.cells import Cells, HeldCells, PackedCells, reading_threads
from serotiny.io.dataframe.csv_blocks import BLOCK_BYTES, UnevenError, parsed_blocks
from serotiny.manifest.csv_text import (
    FALSE,
    MISSING,
    TRUE,
    WHOLE_FROM,
    WHOLE_NUMBER,
    check_text,
    has_quotes,
    trimmed,
)
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.header import csv_header, lines_to_skip

_MARGIN = 1.05


def read_csv(
    path: Path,
    columns: Sequence[str],
    types: Mapping[str, pa.DataType],
    header: Sequence[str],
    matrices: Sequence[Sequence[str]] = (),
    written: Collection[str] = (),
) -> Cells:
    """The chosen columns of a CSV (UTF-8, comma, one header line), in the order given.

    Args:
        path: The file.
        columns: The columns to read.
        types: The types that columns are parsed to at once, which saves a copy; ignored when a cell does not fit.
        header: The names of all columns, where they differ from those of the first line; empty where they do not.
        matrices: Columns of one type of floats each that are best held as a matrix, if all of their cells fit.
        written: Columns with the type of a text whose texts are kept beside what they mean.

    Raises:
        pa.ArrowException: the file is damaged.
        csv.Error: it ends within quotes, or holds a NUL byte.
        OSError: it cannot be opened.
        ManifestError: a text is not UTF-8.
    """
    file = _CsvFile(path, columns, header)
    known = {name: kind for name, kind in types.items() if name in columns}
    packed = {tuple(names): _Packing(names, known[names[0]]) for names in matrices}
    try:
        table = file.read_first(known, packed.values())
    except (pa.ArrowInvalid, _TooLargeError):
        # Not all cells have the type of the first block, or the requested one. Any other fault occurs again.
        packed = {}
        table = _read_with_care(file, columns, known)
    rest = table.column_names
    if any(_is_misread(table[name]) for name in rest if name not in known) or any(
        _is_infinite(table[name]) for name in rest if name in known
    ):
        packed = {}
        table = _read_with_care(file, columns, known)
    check_text(path)
    for name in table.column_names:
        if pa.types.is_binary(table.schema.field(name).type):
            raise ManifestError(f"not a readable csv file: column `{name}` is not UTF-8")
    texts = {name: table[name] for name in written}
    for name, column in texts.items():
        table = table.set_column(table.column_names.index(name), name, _meant(column))
    if not packed:
        return HeldCells(table, texts)
    return PackedCells(columns, table, {names: packing.values() for names, packing in packed.items()}, texts)


def _read_with_care(file: _CsvFile, columns: Sequence[str], known: Mapping[str, pa.DataType]) -> pa.Table:
    """All cells with types that hold them."""
    try:
        table = file.read(known)
    except pa.ArrowInvalid:
        file.count_rows()
        table = _inferred(file.read(dict.fromkeys(columns, pa.string())))
    texts = {name: pa.string() for name in columns if name not in known and _is_misread(table[name])}
    too_large = {name for name in known if _is_infinite(table[name])}
    if not texts and not too_large:
        return table
    table = file.read({name: kind for name, kind in known.items() if name not in too_large} | texts)
    return pa.table({name: _exact(table[name]) if name in texts else table[name] for name in columns})


class _TooLargeError(Exception):
    """A number of a matrix is infinite, and may be one that its type does not hold."""


class _Packing:
    """A matrix of floats that grows by the rows of each batch.

    Args:
        names: Its columns.
        kind: Their type.
    """

    def __init__(self, names: Sequence[str], kind: pa.DataType) -> None:
        self.names = list(names)
        self._values: npt.NDArray[Any] = np.empty((0, len(names)), f"f{kind.bit_width // 8}")
        self._rows = 0

    def restart(self, rows: int) -> None:
        """Hold nothing, with room for about as many rows; memory is taken only where something is written."""
        self._rows = 0
        self._values = np.empty((rows, len(self.names)), self._values.dtype)

    def add(self, batch: pa.RecordBatch) -> None:
        """Append the rows of a batch.

        Raises:
            _TooLargeError: a number is infinite.
        """
        end = self._rows + batch.num_rows
        if end > len(self._values):
            self._values.resize((end + end // 8, len(self.names)), refcheck=False)
        rows = self._values[self._rows : end]
        rows[:] = batch.select(self.names).to_tensor(null_to_nan=True).to_numpy()
        with np.errstate(invalid="ignore", over="ignore"):
            is_finite = np.isfinite(rows.sum())  # takes less time than testing each value
        if not is_finite and np.isinf(rows).any():
            raise _TooLargeError
        self._rows = end

    def values(self) -> npt.NDArray[Any]:
        """What was added."""
        self._values.resize((self._rows, len(self.names)), refcheck=False)
        return self._values


class _CsvFile:
    def __init__(self, path: Path, columns: Sequence[str], header: Sequence[str]) -> None:
        self._path = path
        self._columns = list(columns)
        self._header = list(header)
        self._read_options = pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES)
        if header:
            self._read_options = pyarrow.csv.ReadOptions(
                block_size=BLOCK_BYTES, column_names=list(header), skip_rows_after_names=lines_to_skip(path)
            )

    def count_rows(self) -> None:
        """Tell the row of a fault from now on, which takes time."""
        self._read_options.use_threads = False

    def read_first(self, types: Mapping[str, pa.DataType], packings: Collection[_Packing]) -> pa.Table:
        """The columns, but for those that `packings` take, in blocks if there are several, and threads; not for its messages."""
        # one thread takes a tenth longer for blocks than for a stream
        if reading_threads() > 1 and self._path.stat().st_size > 2 * BLOCK_BYTES:
            try:
                return self._read_in_blocks(types, packings)
            except UnevenError:
                pass
        return self.read(types, packings)

    def read(self, types: Mapping[str, pa.DataType], packings: Collection[_Packing] = ()) -> pa.Table:
        """The columns, but for those that `packings` take."""
        # `read_csv` is as fast or slightly faster, but also keeps the whole text in memory while it parses
        with pyarrow.csv.open_csv(
            self._path,
            read_options=self._read_options,
            # pyarrow takes twice the time where line breaks in cells are allowed, and may divide such a cell where not
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=has_quotes(self._path)),
            convert_options=self._convert_options(types),
        ) as reader:
            return self._packed(reader.schema, reader, packings) if packings else reader.read_all()

    def _read_in_blocks(self, types: Mapping[str, pa.DataType], packings: Collection[_Packing]) -> pa.Table:
        header = self._header or csv_header(self._path)
        tables = parsed_blocks(self._path, self._read_options, self._convert_options(types), header)
        first = next(tables)
        batches = (batch for table in chain([first], tables) for batch in table.to_batches())
        return self._packed(first.schema, batches, packings)

    def _convert_options(self, types: Mapping[str, pa.DataType]) -> pyarrow.csv.ConvertOptions:
        return pyarrow.csv.ConvertOptions(
            include_columns=self._columns,
            column_types=types,
            null_values=list(MISSING),
            strings_can_be_null=True,
            true_values=TRUE,
            false_values=FALSE,
        )

    def _packed(
        self, schema: pa.Schema, batches: Iterable[pa.RecordBatch], packings: Collection[_Packing]
    ) -> pa.Table:
        taken = {name for packing in packings for name in packing.names}
        rest = [name for name in self._columns if name not in taken]
        kept: list[pa.RecordBatch] = []
        for batch in batches:
            for packing in packings:
                if not kept:
                    blocks = self._path.stat().st_size / BLOCK_BYTES
                    packing.restart(int(blocks * batch.num_rows * _MARGIN) + batch.num_rows)
                packing.add(batch)
            kept.append(batch.select(rest))
        return pa.Table.from_batches(kept, pa.schema([schema.field(name) for name in rest]))


def _is_infinite(column: pa.ChunkedArray) -> bool:
    """Whether a column holds an infinity: a number may have been too large for the type."""
    return pa.types.is_floating(column.type) and bool(pc.any(pc.is_inf(column)).as_py())


def _is_misread(column: pa.ChunkedArray) -> bool:
    """Whether pyarrow read a column as dates or inexact numbers that must stay as they are written."""
    if pa.types.is_temporal(column.type):
        return True
    if not pa.types.is_float64(column.type):
        return False
    largest = pc.max(pc.abs(column)).as_py()
    if largest is None or not WHOLE_FROM <= largest < np.inf:
        return False
    whole = pc.equal(pc.floor(column), column)
    return bool(pc.all(whole).as_py())


def _exact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text as floats, unless all of its cells are integers, which stay text."""
    try:
        numbers = trimmed(column).cast(pa.float64())
    except pa.ArrowInvalid:
        return column
    return column if pc.all(pc.match_substring_regex(column, WHOLE_NUMBER)).as_py() else numbers


def _meant(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text with the type that it has when none is asked for."""
    narrowed = _narrowed(texts)
    return _exact(texts) if _is_misread(narrowed) else narrowed


def _inferred(table: pa.Table) -> pa.Table:
    """Columns of text with the first type that holds all of their cells."""
    return pa.table({name: _narrowed(table[name]) for name in table.column_names})


def _narrowed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    for kind in (pa.int64(), pa.float64()):
        try:
            return trimmed(column).cast(kind)
        except pa.ArrowInvalid:
            continue
    if set(pc.unique(column).to_pylist()) <= {*TRUE, *FALSE, None}:
        return pc.equal(pc.utf8_lower(column), "true")
    return column
