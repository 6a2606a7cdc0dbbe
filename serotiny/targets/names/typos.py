"""Tell a misspelt name from one that a module makes at run time."""

from __future__ import annotations

import re
from difflib import get_close_matches

_DYNAMIC_NAMES = re.compile(r"\bglobals\(\)|\bsys\.modules\[|\b__getattr__\b|\bsetattr\(")


def is_certainly_absent(name: str, text: str, candidates: tuple[str, ...], has_unseen_names: bool) -> bool:
    """Whether a name that no statement of a module binds does not exist.

    A module that makes names at run time may have it. But a name that is not a string in its text, and that is
    close to an existing one, is a typo.

    Args:
        name: the name.
        text: the module's source.
        candidates: the names that certainly exist.
        has_unseen_names: it imports `*` from a module without source.
    """
    if not has_unseen_names and _DYNAMIC_NAMES.search(text) is None:
        return True
    is_spelt = re.search(rf"['\"]{re.escape(name)}['\"]", text) is not None
    return not is_spelt and is_typo(name, candidates)


def is_typo(name: str, candidates: tuple[str, ...]) -> bool:
    """Whether a name is likely one of some others, misspelt."""
    if get_close_matches(name, candidates, n=1, cutoff=0.75):
        return True
    # for names as short as `torch.nm` the ratio of matching letters says little
    return len(name) <= 3 and any(_is_one_edit_off(name, other) for other in candidates)


def _is_one_edit_off(name: str, other: str) -> bool:
    """Whether one letter was added, left out, or replaced."""
    if len(name) == len(other):
        return sum(one != two for one, two in zip(name, other, strict=True)) == 1
    short, long = sorted((name, other), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))
