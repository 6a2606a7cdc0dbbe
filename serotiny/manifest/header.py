"""Read the names of a table's columns, without the rest of the file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from serotiny.diagnostics.counts import counted
from serotiny.manifest.csv_text import NUL_BYTE, reason
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_file
from serotiny.manifest.places import lines_of_rows

if TYPE_CHECKING:
    from serotiny.manifest.parquet_footer import Held

_LONGEST_HEADER: Final = 10_000_000
_LINES: Final = 1_000
_MOST_COLUMNS: Final = 1_000_000
_ROWS_TO_COUNT: Final = 100
"""Rows whose cells are counted in a check."""
_OTHER_SEPARATORS: Final = {"\t": "tabs", ";": "semicolons"}


def read_header(path: Path) -> list[str]:
    """The names of a table's columns, as loaders get them.

    Raises:
        ManifestError: as `read_columns`.
    """
    return [name for name, _ in read_columns(path)]


def read_columns(path: Path) -> list[tuple[str, Held | None]]:
    """The names of a table's columns, each with what it holds if that is certainly no numbers, as only parquet says.

    Raises:
        ManifestError: the file does not exist, has a format that cannot be read, is damaged, or repeats a column.
    """
    check_file(path)
    try:
        if path.suffix.lower() == ".csv":
            header = csv_header(path)
            check_repeated(header)
            return [(name, None) for name in named(header)]
        from serotiny.manifest.parquet_footer import parquet_columns

        columns = parquet_columns(path)
        check_repeated([name for name, _ in columns])
        return [column for column in columns if not is_stored_index(column[0])]
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(
            f"{path}: not a readable {path.suffix[1:].lower()} file: {reason(error)}"
        ) from error


def check_first_rows(path: Path) -> None:
    """Check that a table has rows, and that the first rows of a CSV have as many cells as its header.

    Raises:
        ManifestError: it has none, or one of them has more or fewer.
    """
    if path.suffix.lower() != ".csv":
        from serotiny.manifest.parquet_footer import parquet_rows

        if parquet_rows(path) == 0:
            raise ManifestError(f"{path}: it has columns and no rows")
        return
    # what is not UTF-8, or not CSV otherwise, is told of the columns that are read
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        read, is_whole = _first_rows(file)
    (_, columns), *rows = read or [(0, 0)]
    if not rows and is_whole:
        raise ManifestError(f"{path}: it has a header and no rows")
    for line, cells in rows:
        if cells != columns:
            has = counted(cells, "cell")
            raise ManifestError(f"{path}: line {line} has {has}, and the header {counted(columns, 'name')}")


class _CutError(Exception):
    """There is more than is read."""


def _first_rows(file: TextIO) -> tuple[list[tuple[int, int]], bool]:
    """The header and the rows that are counted, each with its line and its number of cells, and whether all of them could be read that are there."""
    read: list[tuple[int, int]] = []
    try:
        for row in lines_of_rows(_leading_lines(file)):
            read.append(row)
            if len(read) > _ROWS_TO_COUNT:
                break
    except (csv.Error, _CutError):
        return read, False
    return read, True


def _leading_lines(file: TextIO) -> Iterator[str]:
    left = _LONGEST_HEADER
    while line := file.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise _CutError
        yield line


def csv_header(path: Path) -> list[str]:
    """The first line of a CSV file (UTF-8, comma, quotes as in RFC 4180) that is not empty.

    Raises:
        ManifestError: the file is empty, or its columns are separated by other characters.
        OSError: it cannot be opened.
        UnicodeDecodeError: it is not UTF-8.
        csv.Error: the line is not CSV.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next((fields for fields in csv.reader(_first_lines(file)) if fields), None)
    if header is None:
        raise ManifestError("the file is empty")
    if any("\0" in name for name in header):
        raise csv.Error(NUL_BYTE)
    if len(header) == 1:
        _check_separator(path, header[0])
    return header


def _check_separator(path: Path, line: str) -> None:
    """Check that what was read as one column is not several, separated by semicolons or tabs.

    Raises:
        ManifestError: both the first line and the next one have as many columns then.
    """
    for separator, name in _OTHER_SEPARATORS.items():
        if separator not in line:
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = (row for row in csv.reader(_first_lines(file), delimiter=separator) if row)
            columns = len(next(rows))
            if 1 < columns == len(next(rows, [""] * columns)):
                raise ManifestError(
                    f"its columns are separated by {name}; save it with commas, and with points in numbers"
                )


def lines_to_skip(path: Path) -> int:
    """The lines of a CSV up to its header, which a reader skips that is told the names of columns."""
    with path.open(encoding="utf-8-sig") as file:
        return 1 + next((index for index, line in enumerate(file) if line.strip("\n")), 0)


def _first_lines(file: TextIO) -> Iterator[str]:
    """The first lines of a file, which may belong to its header.

    Raises:
        ManifestError: they are longer, or have more columns, than the limit of headers.
    """
    left = _LONGEST_HEADER
    for _ in range(_LINES):
        line = file.readline(left + 1)
        if not line:
            return
        left -= len(line)
        if left < 0:
            raise ManifestError(f"its first line is longer than {_LONGEST_HEADER:,} characters")
        if line.count(",") > _MOST_COLUMNS:
            raise ManifestError(f"its first line has more than {_MOST_COLUMNS:,} commas")
        yield line
    raise ManifestError(f"its first line is not among its first {_LINES:,} lines")


def named(header: Sequence[str]) -> list[str]:
    """The names of the columns, with pandas' name for a column without one."""
    return [name or f"Unnamed: {index}" for index, name in enumerate(header)]


def is_stored_index(name: str) -> bool:
    """Whether a parquet column is the unnamed index of a pandas frame, which pandas writes as a column."""
    return name.startswith("__index_level_")


def check_repeated(header: Sequence[str]) -> None:
    """Check that no column name is repeated.

    Raises:
        ManifestError: one is.
    """
    counts = Counter(header)
    repeated = sorted(name for name, count in counts.items() if name and count > 1)
    if repeated:
        raise ManifestError(f"column `{repeated[0]}` is there {counts[repeated[0]]} times")
