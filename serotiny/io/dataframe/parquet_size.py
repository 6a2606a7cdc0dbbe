"""How much memory the cells of a parquet file take, before there is memory for them.

A dictionary of one long text and a run of its number are a few bytes in a file, whatever the number of rows; so are
long lists of one number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serotiny.io.dataframe.memory import MOST_BYTES_OF_A_BYTE, UNPROVEN_BYTES, most_bytes
from serotiny.manifest.errors import ManifestError

_MEASURED_BYTES: Final = 10_000_000
"""A file of more than this may hold tens of gigabytes by `most_bytes`; its texts are not measured."""
_MEASURED_ROWS: Final = 65_536
_MADE_BYTES: Final = 1 << 24
"""Made at a time of texts that are measured by making them."""
_WIDTHS: Final = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "BYTE_ARRAY": 4}
_WIDTH: Final = 8


def check_size(path: Path, footer: pq.FileMetaData, names: Collection[str]) -> None:
    """Check that a file can be a table whose cells take as much memory as those of some columns do.

    Raises:
        ManifestError: it is too small.
        OSError: it is gone, or damaged.
        pa.ArrowException: it is damaged.
    """
    size = path.stat().st_size
    most = most_bytes(size)
    leaves = [leaf for leaf in range(footer.num_columns) if _is_of(footer.schema.column(leaf).path, names)]
    values = {leaf: _values(footer, leaf) for leaf in leaves}
    made = sum(values[leaf] * _width(footer.schema.column(leaf)) for leaf in leaves)
    texts = [leaf for leaf in leaves if footer.schema.column(leaf).physical_type == "BYTE_ARRAY"]
    stored = max(
        (footer.row_group(group).total_byte_size for group in range(footer.num_row_groups)), default=0
    )
    # no text is longer than all that a row group holds
    if made <= most and size <= _MEASURED_BYTES and stored * sum(values[leaf] for leaf in texts) > most:
        measured = accumulate(_lengths(path, footer, texts), initial=made)
        made = next((total for total in measured if total > most), made)
    if made > most:
        raise ManifestError(
            f"its cells take {made:,} bytes of memory or more, and it has {size:,} bytes; more than {UNPROVEN_BYTES:,}"
            f" are made where a byte stands for at most {MOST_BYTES_OF_A_BYTE:,}: divide it into smaller files, or"
            " write it without long texts or lists that are all the same"
        )


def _is_of(leaf: str, names: Collection[str]) -> bool:
    """Whether a leaf lies in one of some columns; a name may have dots, as the path of a leaf has."""
    steps = leaf.split(".")
    return any(".".join(steps[:count]) in names for count in range(1, len(steps) + 1))


def _values(footer: pq.FileMetaData, leaf: int) -> int:
    """How many values a leaf has: as many as rows, if it is in no list."""
    if not footer.schema.column(leaf).max_repetition_level:
        return int(footer.num_rows)
    return sum(footer.row_group(group).column(leaf).num_values for group in range(footer.num_row_groups))


def _width(leaf: pq.ColumnSchema) -> int:
    """The bytes of a value; of a text those that tell its length."""
    if leaf.physical_type == "FIXED_LEN_BYTE_ARRAY":
        return int(leaf.length)
    return _WIDTHS.get(leaf.physical_type, _WIDTH)


def _lengths(path: Path, footer: pq.FileMetaData, leaves: Sequence[int]) -> Iterator[int]:
    """The bytes of some leaves of texts, some rows at a time, without making each text that is there more than once."""
    for leaf in leaves:
        name = footer.schema.column(leaf).path
        for group in range(footer.num_row_groups):
            is_coded = not any("DELTA" in each for each in footer.row_group(group).column(leaf).encodings)
            # pyarrow makes no dictionary of texts that are encoded as differences
            stored = max(footer.row_group(group).total_byte_size, 1)
            rows = _MEASURED_ROWS if is_coded else min(max(_MADE_BYTES // stored, 1), _MEASURED_ROWS)
            with pq.ParquetFile(path, read_dictionary=[name] if is_coded else None, pre_buffer=False) as file:
                for batch in file.iter_batches(rows, [group], [name], use_threads=False):
                    yield _length(batch.column(0))


def _length(cells: pa.Array) -> int:
    """The bytes of the texts of a column, also of those in lists and structures."""
    if pa.types.is_dictionary(cells.type):
        lengths = pc.binary_length(cells.dictionary).take(cells.indices)
        return int(pc.sum(lengths.cast(pa.int64())).as_py() or 0)
    if pa.types.is_struct(cells.type):
        return sum(_length(cells.field(index)) for index in range(cells.type.num_fields))
    if pa.types.is_map(cells.type):
        return _length(cells.keys) + _length(cells.items)
    if pa.types.is_nested(cells.type):
        return _length(cells.flatten())
    if not _is_text(cells.type):
        return 0
    return int(pc.sum(pc.binary_length(cells).cast(pa.int64())).as_py() or 0)


def _is_text(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_binary,
            pa.types.is_string,
            pa.types.is_large_binary,
            pa.types.is_large_string,
        )
    )
