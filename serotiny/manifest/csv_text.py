"""What the text of a CSV file means, for whoever reads it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

MISSING: Final = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""The texts of a cell without a value; the list of pandas."""

TRUE: Final = ("true", "True", "TRUE")
FALSE: Final = ("false", "False", "FALSE")

WHOLE_FROM: Final = 2.0**63
"""From here on an integer does not fit int64, and pyarrow reads it as an inexact float."""

WHOLE_NUMBER: Final = r"^\s*[+-]?\d+\s*$"

NUL_BYTE: Final = "it holds a NUL byte, which no text does; write the file anew, as UTF-8"

_BLOCK_BYTES: Final = 1 << 20


def trimmed(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """The texts without what pyarrow's reader passes over around a number, but its conversion of texts does not."""
    import pyarrow.compute as pc

    return pc.utf8_trim(texts, " \t")


def check_text(path: Path) -> None:
    """Check what pyarrow misreads: that there is no NUL byte, and that a quoted text ends before the file does.

    Raises:
        csv.Error: there is, or it does not.
    """
    quotes = 0
    for block in _blocks(path):
        if b"\0" in block:
            raise csv.Error(NUL_BYTE)
        quotes += block.count(b'"')
    if quotes % 2 == 0:
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for _ in csv.reader(lines, strict=True):
            pass


def has_quotes(path: Path) -> bool:
    """Whether there is a quote in a file, so that a cell may hold a line break."""
    return any(b'"' in block for block in _blocks(path))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


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
