"""Counts in words."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """`1 job`, `3 jobs`, `20,000 rows`, `2 batches`; the word is a singular, of which the last part is counted."""
    ending = "" if number == 1 else "es" if word.endswith(("s", "tch", "x")) else "s"
    stem, ending = (word[:-1], "ies") if ending and word.endswith("y") else (word, ending)
    return f"{number:,} {stem}{ending}"
