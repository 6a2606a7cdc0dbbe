"""Limits of numbers."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

Limits: TypeAlias = tuple[tuple[str, float], ...]
"""What a number must be: `ge`, `gt`, `le` or `lt`, each with what it is compared with."""

_WORDS: Final = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_WITHIN: Final = {"ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt}


def violated(limits: Iterable[tuple[str, float]], value: Any) -> Iterator[str]:
    """Each limit that a number is outside of, in words (`at least 1`); none for a value that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    for word, limit in limits:
        if not _WITHIN[word](value, limit):  # NaN is within none
            yield f"{_WORDS[word]} {limit:.15g}"
