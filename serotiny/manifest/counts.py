"""Count the rows of a table that is small, or whose file says how many it has."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from serotiny.filesystem import read_plain_file
from serotiny.manifest.errors import ManifestError

_READ_WHOLE_BYTES: Final = 4_000_000
"""A CSV up to this size is read whole, which takes tens of milliseconds."""


def count_rows(file: Path) -> int | None:
    """The rows of a table; None for a large CSV, or a file that cannot be read."""
    try:
        if file.suffix.lower() == ".csv":
            return sum(1 for _ in _csv_rows(file)) - 1
        from serotiny.manifest.parquet_footer import parquet_rows

        return parquet_rows(file)
    except (ManifestError, OSError, UnicodeDecodeError, csv.Error):
        return None


def count_values(file: Path, column: str) -> Counter[str] | None:
    """How many rows have each value of a column; None for anything but a small CSV, or one that cannot be read."""
    if file.suffix.lower() != ".csv":
        return None
    try:
        rows = _csv_rows(file)
        index = next(rows).index(column)
        return Counter(row[index] for row in rows if len(row) > index)
    except (OSError, UnicodeDecodeError, csv.Error, StopIteration, ValueError):
        return None


def _csv_rows(file: Path) -> Iterator[list[str]]:
    """The lines that are not empty, the header first."""
    lines = io.StringIO(read_plain_file(file, _READ_WHOLE_BYTES).decode("utf-8-sig"), newline="")
    return (row for row in csv.reader(lines) if row)
