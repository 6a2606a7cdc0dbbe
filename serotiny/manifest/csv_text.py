"""What the text of a CSV file means, for whoever reads it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

MISSING: Final = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""The texts of a cell without a value; the list of pandas."""

WHOLE_FROM: Final = 2.0**63
"""From here on an integer does not fit int64, and pyarrow reads it as an inexact float."""

WHOLE_NUMBER: Final = r"^\s*[+-]?\d+\s*$"

_BLOCK_BYTES: Final = 1 << 20


def check_end(path: Path) -> None:
    """Check that a quoted text ends before the file does; pyarrow accepts one that does not.

    Raises:
        csv.Error: it does not.
    """
    if not _may_be_cut_off(path):
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for _ in csv.reader(lines, strict=True):
            pass


def _may_be_cut_off(path: Path) -> bool:
    """Whether the number of quotes is odd, so that the file may end within a quoted text."""
    count = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            count += block.count(b'"')
    return count % 2 == 1


def reason(error: Exception) -> str:
    """What is wrong with a CSV that cannot be read, and what to do."""
    text = str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 ({text}); save it as UTF-8"
    if "Expected 1 columns" in text:
        return f"{text}; columns are separated by commas, numbers have a decimal point"
    if "straddl" in text:
        return "a row is longer than a megabyte; keep long texts in files, and their paths in the manifest"
    return text
