"""The name that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_FEW: Final = 500


def closest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `names` that is most like `name`; nothing when none is as similar as `cutoff` (0 to 1)."""
    candidates = set(names)
    if len(candidates) > _FEW:  # each takes microseconds; a slip is rarely in the first letter
        candidates = {other for other in candidates if other[:1].lower() == name[:1].lower()}
    matches = get_close_matches(name, sorted(candidates)[:_FEW], n=1, cutoff=cutoff)
    return matches[0] if matches else None


def as_question(suggestion: str) -> str:
    """A suggestion as the help of a message."""
    return f"did you mean `{suggestion}`?"


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The closest of `names` as a question, for a message that has nothing but its text."""
    found = closest(name, names)
    return None if found is None else as_question(found)
