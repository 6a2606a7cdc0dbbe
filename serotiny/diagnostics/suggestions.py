"""The existing name that is closest to a misspelt one."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

_MOST_COMPARED: Final = 100
"""Names; comparing takes up to a tenth of a millisecond for each, and a config may have a thousand faults."""
_MOST_READ: Final = 5_000
"""Names; a table may have a million columns."""
_LONG: Final = 100
"""Letters; of a longer name nobody swaps two alone, and each swap is a text of that length."""
_ALIKE: Final = 0.6
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def closest(name: str, names: Iterable[str], cutoff: float = _ALIKE) -> str | None:
    """The one of `names` that is most like `name`; nothing when none is as similar as `cutoff` (0 to 1).

    One that differs in the case of letters alone always is, and after it one of three letters or more in which two
    neighbours changed places. Of many names those around it in the order of the alphabet are compared, read from the
    front and from the back; of very many the first are looked at.
    """
    known = _known(tuple(islice(names, _MOST_READ)))
    folded = name.casefold()
    for variant in (folded, *_with_neighbours_swapped(folded)):
        if variant in known.by_case:
            return _most_like(name, known.by_case[variant], 0)
    if len(known.ordered) <= _MOST_COMPARED:
        return _most_like(name, known.ordered, cutoff)
    beside = _beside(name, known.ordered) | {other[::-1] for other in _beside(name[::-1], known.backwards)}
    return _most_like(name, sorted(beside), cutoff)


def closest_object(name: str, names: Iterable[str]) -> str | None:
    """As `closest`, of modules, classes and functions; not one with another word, as `CometLogger` for `NeptuneLogger`."""
    found = closest(name, names)
    return found if found is not None and _is_of_the_same_words(name, found) else None


def _is_of_the_same_words(name: str, other: str) -> bool:
    """Whether two names share several words at their start or end, or are alike in those that they do not share."""
    words, others = ([word.casefold() for word in _WORD.findall(each)] for each in (name, other))
    count = len(words)
    for end in (0, -1):
        while words and others and words[end] == others[end]:
            del words[end], others[end]
    rest, other_rest = "".join(words), "".join(others)
    is_shared = count - len(words) > 1 or not rest or not other_rest
    return is_shared or _most_like(rest, [other_rest], _ALIKE) is not None


class _Known(NamedTuple):
    """Names in order, the same spelt backwards, and by what they are apart from the case of letters."""

    ordered: list[str]
    backwards: list[str]
    by_case: dict[str, list[str]]


@lru_cache(maxsize=8)
def _known(names: tuple[str, ...]) -> _Known:
    ordered = sorted(set(names))
    by_case: dict[str, list[str]] = {}
    for other in ordered:
        by_case.setdefault(other.casefold(), []).append(other)
    return _Known(ordered, sorted(other[::-1] for other in ordered), by_case)


def _most_like(name: str, names: Sequence[str], cutoff: float) -> str | None:
    """As the first of `difflib.get_close_matches`, which compares each name in full."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=name)
    best = None
    for other in names:
        matcher.set_seq1(other)
        if matcher.real_quick_ratio() >= cutoff and matcher.quick_ratio() >= cutoff:
            ratio = matcher.ratio()
            if ratio >= cutoff:
                best, cutoff = other, ratio
    return best


def _with_neighbours_swapped(name: str) -> Iterator[str]:
    for place in range(len(name) - 1 if 2 < len(name) < _LONG else 0):
        yield name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _beside(name: str, ordered: Sequence[str]) -> set[str]:
    """The names around the place where a name would be among those in order."""
    place = bisect(ordered, name)
    return set(ordered[max(0, place - _MOST_COMPARED // 4) : place + _MOST_COMPARED // 4])


def as_question(suggestion: str) -> str:
    """A suggestion as the help of a message."""
    return f"did you mean `{suggestion}`?"


def meant_or_all(name: str, names: Sequence[str], there_are: str = "it has") -> str:
    """The closest of a few `names` as a question, or else all of them."""
    return did_you_mean(name, names) or f"{there_are} {', '.join(names)}"


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The closest of `names` as a question, for a message that has no separate help."""
    found = closest(name, names)
    return None if found is None else as_question(found)
