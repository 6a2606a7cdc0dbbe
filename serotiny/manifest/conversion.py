"""Convert a CSV to parquet, in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from serotiny.filesystem import check_replaceable, is_folder, replacing
from serotiny.manifest.csv_text import (
    FALSE,
    MISSING,
    TRUE,
    WHOLE_FROM,
    WHOLE_NUMBER,
    check_text,
    reason,
    trimmed,
)
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_file
from serotiny.manifest.header import check_repeated, csv_header, lines_to_skip, named

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_COLUMNS: Final = 50_000
"""The reader and the writer take some ten kilobytes for each column, whatever the number of rows."""

_SMALLEST_BLOCK: Final = 1 << 20
_LARGEST_BLOCK: Final = 1 << 24
_BLOCK_BYTES_PER_COLUMN: Final = 500
"""Bytes that are read at a time: a wide table has some hundred rows in each block, since each costs time and memory a column."""

_GROUP_ROWS = 65_536
_GROUP_CELLS = 4_000_000
"""Cells of a row group, which is in memory as a whole: a wide table has fewer rows in each."""
_MOST_GROUP_CELLS = 32_000_000
_MOST_CHUNKS = 200_000
"""Columns times row groups. The footer has some hundred bytes for each, and is read as a whole: a long table has larger groups."""

_INSTEAD: Final = "keep wide data in arrays, and their paths in the manifest"


def convert(source: Path, target: Path) -> int:
    """Write the rows of a CSV to a parquet file; returns the number of rows.

    The file is read twice: a column's type is the first of int64, float64, boolean and text that fits all of its
    cells. Some megabytes of the content are in memory at a time; reader and writer take some ten kilobytes for each column.

    Raises:
        ManifestError: the source is not a readable CSV or is too wide, or the target is not a parquet file or cannot
            be written.
    """
    check_file(source)
    if source.suffix.lower() != ".csv" or target.suffix.lower() != ".parquet":
        raise ManifestError(
            f"`{source.name}` to `{target.name}`: a .csv file is written as a .parquet file, as in "
            f"`serotiny data convert {source.stem}.csv {source.stem}.parquet`"
        )
    if not is_folder(target.parent):
        raise ManifestError(f"{target} cannot be written: there is no folder {target.parent}; make it first")
    try:
        check_replaceable(target)
    except FileExistsError as error:
        raise ManifestError(f"{target} cannot be written: {error.strerror}") from error
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        header = csv_header(source)
        _check_header(header)
        check_text(source)
        types, rows = _types(source, named(header))
        most = _rows_of_group(rows, len(types))
        schema = pa.schema(list(types.items()))
        with replacing(target) as beside, pq.ParquetWriter(beside, schema) as writer:
            for table in _groups(_batches(source, types), schema, most):
                writer.write_table(table)
    except ManifestError as error:
        raise ManifestError(f"{source}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise ManifestError(f"{source}: cannot be converted: {reason(error)}") from error
    return rows


def _check_header(header: Sequence[str]) -> None:
    check_repeated(header)
    if len(header) > _MOST_COLUMNS:
        raise ManifestError(
            f"it has {len(header):,} columns, and at most {_MOST_COLUMNS:,} are converted; {_INSTEAD}"
        )


def _rows_of_group(rows: int, columns: int) -> int:
    """How many rows each row group should have."""
    fewest = min(_GROUP_ROWS, _GROUP_CELLS // max(1, columns))
    most_groups = max(1, _MOST_CHUNKS // max(1, columns))
    needed = max(1, fewest, ceil(rows / most_groups))
    if needed * columns > _MOST_GROUP_CELLS:
        raise ManifestError(
            f"it has {rows:,} rows of {columns:,} columns, which no parquet file holds well; {_INSTEAD}"
        )
    return needed


def _types(source: Path, names: Sequence[str]) -> tuple[dict[str, pa.DataType], int]:
    """The type of each column, from all of its cells, and the number of rows."""
    import pyarrow as pa

    candidates = {name: [pa.int64(), pa.float64(), pa.bool_(), pa.string()] for name in names}
    whole = dict.fromkeys(names, True)
    too_large: set[str] = set()
    rows = 0
    for batch in _batches(source, dict.fromkeys(names, pa.string())):
        rows += batch.num_rows
        for name, column in zip(names, batch.columns, strict=True):
            left = candidates[name]
            while not _holds(left[0], column):
                left.pop(0)
            if whole[name] and left[0] == pa.float64():
                whole[name] = _is_whole(column)
                if _is_too_large(column):
                    too_large.add(name)
    for name in too_large:
        if whole[name] and candidates[name][0] == pa.float64():
            candidates[name] = [pa.string()]
    return {name: left[0] for name, left in candidates.items()}, rows


def _is_whole(texts: pa.Array) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(texts, WHOLE_NUMBER)).as_py())


def _is_too_large(texts: pa.Array) -> bool:
    """Whether there is a number that int64 does not hold, of which a float loses digits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    largest = pc.max(pc.abs(trimmed(texts).cast(pa.float64()))).as_py()
    return largest is not None and largest >= WHOLE_FROM


def _holds(kind: pa.DataType, texts: pa.Array) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(kind):
        return True
    if pa.types.is_boolean(kind):
        return set(pc.unique(texts).to_pylist()) <= {*TRUE, *FALSE, None}
    try:
        trimmed(texts).cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _batches(source: Path, kinds: dict[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.csv

    # a reader keeps its own copy of these words for each column
    has_booleans = any(map(pa.types.is_boolean, kinds.values()))
    options = pyarrow.csv.ConvertOptions(
        column_types=kinds,
        null_values=list(MISSING),
        strings_can_be_null=True,
        true_values=TRUE if has_booleans else [],
        false_values=FALSE if has_booleans else [],
    )
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    block = min(max(_SMALLEST_BLOCK, _BLOCK_BYTES_PER_COLUMN * len(kinds)), _LARGEST_BLOCK)
    reading = pyarrow.csv.ReadOptions(
        block_size=block, column_names=list(kinds), skip_rows_after_names=lines_to_skip(source)
    )
    with pyarrow.csv.open_csv(source, reading, parse, options) as reader:
        yield from reader


def _groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema, most: int) -> Iterator[pa.Table]:
    """Join batches to row groups of at most so many rows, if a batch has no more."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if waiting and rows + batch.num_rows > most:
            yield pa.Table.from_batches(waiting, schema)
            waiting, rows = [], 0
        waiting.append(batch)
        rows += batch.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting, schema)
