"""How much memory a file may ask for that says more of its cells than it has bytes for."""

from __future__ import annotations

from typing import Final

UNPROVEN_BYTES: Final = 1 << 28
"""Made of whatever file."""
MOST_BYTES_OF_A_BYTE: Final = 1_000
"""Made for each byte of a file, where its cells take more than `UNPROVEN_BYTES`."""


def most_bytes(stored: int) -> int:
    """The bytes of memory that the cells of a file with so many bytes may take."""
    return max(UNPROVEN_BYTES, MOST_BYTES_OF_A_BYTE * stored)
