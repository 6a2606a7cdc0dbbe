"""Filters that find many run names in a few searches: never too narrow."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from serotiny.tracking.mlflow.name_filters import MOST_FILTERS, PAGE, name_filters, search_names
from serotiny.tracking.reservation.run_record import RunRecord

_names = st.sets(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="'\"\n\r\t"), min_size=1, max_size=8),
        st.from_regex(r"vae-[0-9]{1,3}-lr=0\.[0-9]{1,4}", fullmatch=True),
    ),
    min_size=1,
    max_size=60,
)


def matches(condition: str, name: str) -> bool:
    """As a database that compares with `LIKE`, whose wildcard for one character may stand for one byte."""
    operator, literal = re.fullmatch(r"attributes.run_name (=|LIKE) '(.*)'", condition, re.DOTALL).groups()  # type: ignore[union-attr]
    if operator == "=":
        return bool(literal == name)
    wildcards = {"%": ".*", "_": "."}
    pattern = "".join(wildcards.get(letter, re.escape(letter)) for letter in literal)
    return re.fullmatch(pattern.encode(), name.encode(), re.DOTALL) is not None


@given(_names)
def test_each_name_is_found_by_its_filter(names: set[str]) -> None:
    """Every name is in exactly one filter, which finds it, and there are few of them."""
    filters = name_filters(names)

    assert sorted(names) == sorted(name for group in filters for name in group.names)
    assert len(filters) <= MOST_FILTERS
    assert all(matches(group.condition, name) for group in filters for name in group.names)


def test_numbered_names_find_nothing_else() -> None:
    """A thousand of ten thousand numbered names are found without the others."""
    everything = [f"run {number}" for number in range(10_000)]

    filters = name_filters(everything[:1000])

    assert everything[:1000] == [
        name for name in everything if any(matches(group.condition, name) for group in filters)
    ]
    assert 3 == len(filters)


def test_names_are_asked_for_one_by_one_where_a_pattern_finds_too_much() -> None:
    """A pattern that finds many pages of other runs is given up; what was asked for is found all the same."""
    runs = [RunRecord(run_id=str(n), name=f"run {n}", status="FINISHED", start_ms=n) for n in range(9 * PAGE)]
    asked: list[str] = []

    def read(condition: str, token: str | None) -> tuple[list[RunRecord], str | None]:
        if token is None:
            asked.append(condition)
        found = [run for run in runs if matches(condition, run.name)]
        end = int(token or 0) + PAGE
        return found[end - PAGE : end], str(end) if end < len(found) else None

    found = search_names(["run 7", "run 1000", "run 8999"], read)

    assert {"run 7": ["7"], "run 1000": ["1000"], "run 8999": ["8999"]} == {
        name: [run.run_id for run in records] for name, records in found.items()
    }
    assert 4 == len(asked)
