"""Limits of numbers."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

Limits: TypeAlias = tuple[tuple[str, float], ...]
"""What a number must be: `ge`, `gt`, `le` or `lt`, each with what it is compared with."""

_WORDS: Final = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_OUTSIDE: Final = {"ge": operator.lt, "gt": operator.le, "le": operator.gt, "lt": operator.ge}


def violated(limits: Iterable[tuple[str, float]], value: Any) -> Iterator[str]:
    """Each limit that a number is outside of, in words (`at least 1`); none for a value that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    for word, limit in limits:
        if _OUTSIDE[word](value, limit):
            yield f"{_WORDS[word]} {limit:g}"
