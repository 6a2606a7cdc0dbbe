"""The existing name that is closest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

_MOST_COMPARED: Final = 500
"""Names; comparing takes microseconds for each."""
_MOST_READ: Final = 5_000
"""Names; a table may have a million columns, and a config a thousand faults."""


def closest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `names` that is most like `name`; nothing when none is as similar as `cutoff` (0 to 1).

    One that differs in the case of letters alone always is. Of very many names the first are looked at.
    """
    from difflib import get_close_matches

    candidates = set(islice(names, _MOST_READ))
    but_for_case = [other for other in candidates if other.casefold() == name.casefold()]
    if but_for_case:
        candidates, cutoff = set(but_for_case), 0
    if len(candidates) > _MOST_COMPARED:  # a typo is rarely in the first letter
        candidates = {other for other in candidates if other[:1].lower() == name[:1].lower()}
    matches = get_close_matches(name, sorted(candidates)[:_MOST_COMPARED], n=1, cutoff=cutoff)
    return matches[0] if matches else None


def as_question(suggestion: str) -> str:
    """A suggestion as the help of a message."""
    return f"did you mean `{suggestion}`?"


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The closest of `names` as a question, for a message that has no separate help."""
    found = closest(name, names)
    return None if found is None else as_question(found)
