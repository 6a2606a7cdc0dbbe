"""Tell a misspelt name from one that a module makes at run time."""

from __future__ import annotations

import re
from difflib import get_close_matches

_OWN_NAMESPACE = re.compile(r"\b(?:globals|locals|vars)\(\)|\bsys\.modules\[")
_BY_THE_DOZEN = re.compile(r"\b(?:globals|locals|vars)\(\)\.update\(")
_RUNS_TEXT = re.compile(r"\bexec\(|__dict__|\b_convert_\(")
_ASKED_FOR = re.compile(r"\b__getattr__\b|\bsetattr\(")


def makes_names(text: str) -> bool:
    """Whether a module of this source may hold names that no statement of it binds."""
    return gives_names(text) or _ASKED_FOR.search(text) is not None


def may_hold_any_name(text: str) -> bool:
    """As `makes_names`; besides, by text that it runs, or by way of a `__dict__`."""
    return makes_names(text) or _RUNS_TEXT.search(text) is not None


def gives_names(text: str) -> bool:
    """Whether a module of this source may make names that `import *` brings to others, too."""
    return _OWN_NAMESPACE.search(text) is not None


def gathers_names(text: str) -> bool:
    """Whether a module of this source takes over the names of others all at once, as packages of parts do.

    One that sets them singly (`globals()[name] = …`, as `torch` does with those of its compiled part) chooses among
    them, and may rename them.
    """
    return _BY_THE_DOZEN.search(text) is not None


def is_misspelt(name: str, text: str, candidates: tuple[str, ...]) -> bool:
    """Whether a name that a module would have to make while it runs is a typo.

    It is, when the module's text nowhere spells it, and it is a letter off one that is there.

    Args:
        name: the name.
        text: the module's source.
        candidates: the names that are certainly there, or that the module may gather.
    """
    is_spelt = re.search(rf"['\"]{re.escape(name)}['\"]", text) is not None
    return not is_spelt and is_typo(name, candidates)


def is_typo(name: str, candidates: tuple[str, ...]) -> bool:
    """Whether a name is likely one of some others, misspelt."""
    if get_close_matches(name, candidates, n=1, cutoff=0.75):
        return True
    # for names as short as `torch.nm` the ratio of matching letters says little
    return len(name) <= 3 and any(_is_one_edit_off(name, other) for other in candidates)


def is_slip(name: str, other: str) -> bool:
    """Whether one word of a name in snake case is a letter off that of another one, and may not be a word of its own."""
    pairs = list(zip(name.split("_"), other.split("_"), strict=False))
    differing = [(one, two) for one, two in pairs if one != two]
    if name.count("_") != other.count("_") or len(differing) != 1:
        return False
    one, two = differing[0]
    if len(one) != len(two):
        return _is_one_edit_off(one, two)
    places = [index for index, (left, right) in enumerate(zip(one, two, strict=True)) if left != right]
    # `best` is no slip of `test`, and `match` none of `batch`
    is_swapped = len(places) == 2 and sorted(one) == sorted(two) and places[1] == places[0] + 1
    return is_swapped or (len(places) == 1 and len(one) > 5)


def _is_one_edit_off(name: str, other: str) -> bool:
    """Whether one letter was added, left out, or replaced."""
    if len(name) == len(other):
        return sum(one != two for one, two in zip(name, other, strict=True)) == 1
    short, long = sorted((name, other), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))
