"""Counts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def counted(number: int, word: str) -> str:
    """`1 job`, `3 jobs`, `20,000 rows`, `2 batches`; the word is a singular, of which the last part is counted."""
    ending = "" if number == 1 else "es" if word.endswith(("s", "tch", "x")) else "s"
    stem, ending = (word[:-1], "ies") if ending and word.endswith("y") else (word, ending)
    return f"{number:,} {stem}{ending}"


def first_of(texts: Sequence[str], at_most: int = 3, separator: str = ", ") -> str:
    """The first of some texts, and the number of the others: `a, b, c and 2 more`."""
    shown, rest = separator.join(texts[:at_most]), len(texts) - at_most
    return f"{shown} and {rest} more" if rest > 0 else shown
