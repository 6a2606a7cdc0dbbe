"""Many run names in a few searches.

MLflow's filter of runs knows neither `OR` nor a list of names. It knows `LIKE`: names of one length, as those of a
sweep are, have a pattern of their common characters, with `_` where they differ. What a pattern finds besides is for
the caller to leave out, so a pattern may be too wide and never too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from serotiny.tracking.reservation.run_record import RunRecord, quote

MOST_FILTERS = 7
"""With the experiment's own, the requests that a sweep of a thousand jobs costs stay below ten."""

PAGE = 1000

MOST_PAGES = 1000
"""Of one answer: a server that never comes to the last one is not waited for."""

_SPARE_PAGES = 2

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;=+-_/()|#@!~")
"""What stands for itself in every database; the rest is an escape, a quote or a class in one of them."""


@dataclass(frozen=True)
class NameFilter:
    """A condition of MLflow's filter grammar, and the names that it finds at least."""

    condition: str
    names: frozenset[str]

    @property
    def most_pages(self) -> int:
        """How many pages are read before names are asked for one by one: the pattern is too wide."""
        return len(self.names) // PAGE + 1 + _SPARE_PAGES


ReadPages = Callable[[str, int | None], list[RunRecord] | None]
"""All runs that a condition finds, or None when they are more than so many pages."""


def search_names(names: Iterable[str], read: ReadPages) -> dict[str, list[RunRecord]]:
    """The runs of each name, in `order`."""
    found: dict[str, list[RunRecord]] = {name: [] for name in names}
    for group in name_filters(found):
        records = read(group.condition, group.most_pages if len(group.names) > 1 else None)
        if records is None:
            singly = (read(_is(name), None) or [] for name in group.names)
            records = [record for some in singly for record in some]
        for record in records:
            if record.name in group.names:  # some databases fold case or trailing spaces when they compare
                found[record.name].append(record)
    return {name: sorted(records, key=lambda record: record.order) for name, records in found.items()}


def name_filters(names: Iterable[str]) -> list[NameFilter]:
    """At most `MOST_FILTERS` filters that find each of the names, each name in one of them."""
    groups: dict[int, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(len(name), []).append(name)
    largest = sorted(groups.values(), key=len, reverse=True)
    kept, rest = largest[: MOST_FILTERS - 1], largest[MOST_FILTERS - 1 :]
    filters = [NameFilter(_of_one_length(group), frozenset(group)) for group in kept]
    others = [name for group in rest for name in group]
    if others:
        filters.append(NameFilter(_of_any_length(others), frozenset(others)))
    return filters


def _is(name: str) -> str:
    return f"attributes.run_name = {quote(name)}"


def _of_one_length(names: list[str]) -> str:
    if len(names) == 1:
        return _is(names[0])
    columns = zip(*names, strict=True)
    return _like("".join(_wildcard(set(column)) for column in columns))


def _wildcard(characters: set[str]) -> str:
    """The character that all have, or what matches each of them.

    One wildcard is one byte for MySQL: what is not ASCII has the one for any number.
    """
    (first, *others) = characters
    if not others and first in _SAFE:
        return first
    return "_" if all(character.isascii() for character in characters) else "%"


def _of_any_length(names: list[str]) -> str:
    if len(names) == 1:
        return _is(names[0])
    shortest = min(map(len, names))
    heads = [_wildcard(set(column)) for column in zip(*(name[:shortest] for name in names), strict=True)]
    count = next((index for index, found in enumerate(heads) if found in "_%"), shortest)
    return _like(f"{''.join(heads[:count])}%")


def _like(pattern: str) -> str:
    return f"attributes.run_name LIKE '{pattern}'"
