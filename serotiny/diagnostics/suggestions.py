"""The name that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `names` that is most like `name`; nothing when none is as similar as `cutoff` (0 to 1)."""
    matches = get_close_matches(name, sorted(set(names)), n=1, cutoff=cutoff)
    return matches[0] if matches else None


def as_question(suggestion: str) -> str:
    """A suggestion as the help of a message."""
    return f"did you mean `{suggestion}`?"


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The closest of `names` as a question, for a message that has nothing but its text."""
    found = closest(name, names)
    return None if found is None else as_question(found)
