"""Search for many run names in a few requests.

MLflow's filters have neither `OR` nor lists of names, but `LIKE`. Names of the same length, such as those of a sweep,
share a pattern: their common characters, with `_` where they differ. A pattern may match further names, which the
caller has to leave out, but must match all that were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from serotiny.tracking.errors import TrackingError
from serotiny.tracking.reservation.run_record import RunRecord, quote

_T = TypeVar("_T")

MOST_FILTERS = 7
"""The limit of patterns, so that a sweep of a thousand jobs takes fewer than ten requests."""

PAGE = 1000

MOST_PAGES = 200
"""The limit of pages of one answer, for a server that always claims to have a further page."""

_MOST_EMPTY_PAGES = 10
"""The limit of empty pages one after another, each of which claims that a further one is not."""

_SPARE_PAGES = 2

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;=+-_/()|#@!~")
"""Characters without a special meaning in the `LIKE` patterns of every database."""


@dataclass(frozen=True)
class NameFilter:
    """A condition in MLflow's filter grammar, and the names that it is meant to find."""

    condition: str
    names: frozenset[str]

    @property
    def most_pages(self) -> int:
        """The number of pages after which the pattern counts as too wide, and names are searched one by one."""
        return len(self.names) // PAGE + 1 + _SPARE_PAGES


ReadPage = Callable[[str, str | None], tuple[Iterable[_T], str | None]]
"""Returns a page of what matches a condition, and the token of the next one; the first page has none."""


def all_pages(
    read: ReadPage[_T], condition: str, most: int | None = None, *, what: str = "runs"
) -> list[_T] | None:
    """All that matches a condition; None when there are more than `most` pages.

    Raises:
        TrackingError: there is no last page, as far as the server says.
    """
    found: list[_T] = []
    token: str | None = None
    seen: set[str] = set()
    empty = 0
    for _ in range(MOST_PAGES if most is None else most):
        page, token = read(condition, token)
        before = len(found)
        found += page
        if not token:
            return found
        empty = empty + 1 if len(found) == before else 0
        if token in seen or empty > _MOST_EMPTY_PAGES:
            raise TrackingError(
                f"the tracking server has no last page of {what}: it goes on after {before:,} {what}"
            )
        seen.add(token)
    if most is None:
        raise TrackingError(f"the tracking server has no last page of {what} among its first {MOST_PAGES:,}")
    return None


def search_names(names: Iterable[str], read: ReadPage[RunRecord]) -> dict[str, list[RunRecord]]:
    """The runs of each name, sorted by `RunRecord.order`."""
    found: dict[str, list[RunRecord]] = {name: [] for name in names}
    for group in name_filters(found):
        records = all_pages(read, group.condition, group.most_pages if len(group.names) > 1 else None)
        if records is None:
            singly = (all_pages(read, _is(name)) or [] for name in group.names)
            records = [record for some in singly for record in some]
        for record in records:
            if record.name in group.names:  # some databases ignore case or trailing spaces
                found[record.name].append(record)
    return {name: sorted(records, key=lambda record: record.order) for name, records in found.items()}


def name_filters(names: Iterable[str]) -> list[NameFilter]:
    """At most `MOST_FILTERS` filters that together find all names; each name belongs to one filter."""
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
    """The common character, or a wildcard that matches all of them.

    For non-ASCII characters it is `%`, since `_` matches a single byte in MySQL.
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
