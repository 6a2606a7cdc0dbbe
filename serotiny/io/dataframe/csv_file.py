"""A CSV file as columns, with pyarrow's threads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from serotiny.manifest.errors import ManifestError

MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""The texts of a cell without a value; the list of pandas."""

_WHOLE_FROM = 2.0**63
"""From here on an integer does not fit int64, and pyarrow reads it as an inexact float."""
_BLOCK_BYTES = 1 << 20


def read_csv(
    path: Path, columns: Sequence[str], types: Mapping[str, pa.DataType], header: Sequence[str]
) -> pa.Table:
    """The chosen columns of a CSV (UTF-8, comma, one header line), in the order given.

    Args:
        path: The file.
        columns: The columns to read.
        types: The types that columns are parsed to at once, which saves a copy; ignored when a cell does not fit.
        header: The names of all columns, where they differ from those of the first line; empty where they do not.

    Raises:
        pa.ArrowException: the file is damaged.
        csv.Error: it ends within quotes.
        OSError: it cannot be opened.
        ManifestError: a text is not UTF-8.
    """
    file = _CsvFile(path, columns, header)
    known = {name: kind for name, kind in types.items() if name in columns}
    try:
        table = file.read(known)
    except pa.ArrowInvalid:
        # Not all cells have the type of the first block, or the requested one. Any other fault occurs again.
        table = _inferred(file.read(dict.fromkeys(columns, pa.string())))
    texts = {name: pa.string() for name in columns if name not in known and _is_misread(table[name])}
    too_large = {name for name in known if _is_infinite(table[name])}
    if texts or too_large:
        table = file.read({name: kind for name, kind in known.items() if name not in too_large} | texts)
        table = pa.table({name: _exact(table[name]) if name in texts else table[name] for name in columns})
    if _may_be_cut_off(path):
        _check_end(path)
    for name in columns:
        if pa.types.is_binary(table.schema.field(name).type):
            raise ManifestError(f"not a readable csv file: column `{name}` is not UTF-8")
    return table


class _CsvFile:
    def __init__(self, path: Path, columns: Sequence[str], header: Sequence[str]) -> None:
        self._path = path
        self._columns = list(columns)
        self._read_options = pyarrow.csv.ReadOptions()
        if header:
            self._read_options = pyarrow.csv.ReadOptions(column_names=list(header), skip_rows_after_names=1)

    def read(self, types: Mapping[str, pa.DataType]) -> pa.Table:
        try:
            return self._read(types, newlines=False)
        except pa.ArrowInvalid as error:
            # Allowing line breaks in cells takes twice the time, so it is tried only where blocks do not fit.
            if "out of sync" not in str(error) and "straddl" not in str(error):
                raise
            return self._read(types, newlines=True)

    def _read(self, types: Mapping[str, pa.DataType], newlines: bool) -> pa.Table:
        # `read_csv` is as fast or slightly faster, but also keeps the whole text in memory while it parses
        with pyarrow.csv.open_csv(
            self._path,
            read_options=self._read_options,
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=newlines),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=self._columns,
                column_types=types,
                null_values=list(MISSING),
                strings_can_be_null=True,
            ),
        ) as reader:
            return reader.read_all()


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
    if largest is None or not _WHOLE_FROM <= largest < np.inf:
        return False
    whole = pc.equal(pc.floor(column), column)
    return bool(pc.all(whole).as_py())


def _exact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text as floats, unless all of its cells are integers, which stay text."""
    try:
        numbers = column.cast(pa.float64())
    except pa.ArrowInvalid:
        return column
    return column if pc.all(pc.match_substring_regex(column, r"^\s*[+-]?\d+\s*$")).as_py() else numbers


def _may_be_cut_off(path: Path) -> bool:
    """Whether the number of quotes is odd, so that the file may end within a quoted text."""
    count = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            count += block.count(b'"')
    return count % 2 == 1


def _check_end(path: Path) -> None:
    """Check that a quoted text ends before the file does; pyarrow accepts one that does not.

    Raises:
        csv.Error: it does not.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for _ in csv.reader(lines, strict=True):
            pass


def _inferred(table: pa.Table) -> pa.Table:
    """Columns of text with the first type that holds all of their cells."""
    return pa.table({name: _narrowed(table[name]) for name in table.column_names})


def _narrowed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    for kind in (pa.int64(), pa.float64()):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            continue
    words = {"true": True, "false": False}
    lower = pc.utf8_lower(column)
    if set(pc.unique(lower).to_pylist()) - {None} <= words.keys():
        return pc.equal(lower, "true")
    return column
