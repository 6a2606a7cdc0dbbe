"""Where rows stand in their file, in words: what its user sees who opens it."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

_FURTHEST = 5_000_000
"""The last row of a CSV whose line is looked for."""


def place_of_row(path: Path, number: int) -> str:
    """The line of a CSV at which a row begins; of other files, which have no lines, its number.

    Args:
        path: the file.
        number: the row's number there, counted from 0 without the header and empty lines.
    """
    (line,) = _lines(path, [number]) or (None,)
    return f"row {number} (counted from 0)" if line is None else f"line {line}"


def places_of_rows(path: Path, numbers: Collection[int]) -> str:
    """The same of several rows, which are ascending."""
    lines = _lines(path, numbers)
    if lines is None:
        return f"rows {', '.join(map(str, numbers))} (counted from 0)"
    return f"lines {', '.join(map(str, lines))}"


def _lines(path: Path, numbers: Collection[int]) -> list[int] | None:
    """The lines at which rows begin; None where the file has none, or they cannot be counted any more."""
    last = max(numbers)
    if path.suffix.lower() != ".csv" or last > _FURTHEST:
        return None
    found = []
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            for row, (line, _) in enumerate(lines_of_rows(file), start=-1):  # the first is the header
                if row in numbers:
                    found.append(line)
                if row == last:
                    return found
    except (OSError, csv.Error):
        pass
    return None


def lines_of_rows(text: Iterable[str]) -> Iterator[tuple[int, int]]:
    """The line at which each row of a CSV that is not empty begins, from 1, and the number of its cells.

    Raises:
        csv.Error: what comes next is no CSV.
    """
    reader = csv.reader(text)
    start = 1
    for row in reader:
        if row:
            yield start, len(row)
        start = reader.line_num + 1
