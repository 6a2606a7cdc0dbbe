"""Which columns are selected."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.manifest.errors import ManifestError
from serotiny.manifest.selection import ColumnSelection, listing

HEADER = ["id", "split", "pixel_00", "pixel_01", "other_00"]

names = st.text("abc_0", min_size=1, max_size=5)
headers = st.lists(names, unique=True, min_size=1, max_size=8)
pieces = st.none() | st.text("abc_0", max_size=2)


def select(header: list[str], selection: ColumnSelection) -> list[str]:
    """What is selected, nothing where nothing matches."""
    try:
        return selection.select(header)
    except ManifestError:
        return []


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (ColumnSelection(startswith="pixel_"), ["pixel_00", "pixel_01"]),
        (ColumnSelection(endswith="_00"), ["pixel_00", "other_00"]),
        (ColumnSelection(contains="l_0"), ["pixel_00", "pixel_01"]),
        (ColumnSelection(excludes="i"), ["other_00"]),
        (ColumnSelection(regex=r"_\d1$"), ["pixel_01"]),
        (ColumnSelection(regex=r"her"), ["other_00"]),
        (ColumnSelection(startswith="pixel_", endswith="_00"), ["pixel_00"]),
        (ColumnSelection(columns=("split", "id")), ["split", "id"]),
        (ColumnSelection(columns=("split", "id"), excludes="p"), ["id"]),
    ],
)
def test_each_condition_selects_what_satisfies_it(selection: ColumnSelection, expected: list[str]) -> None:
    """Conditions are on the name, joined by `and`; exact names keep their own order."""
    assert expected == selection.select(HEADER)


@given(headers, pieces, pieces, pieces, pieces)
def test_several_conditions_select_the_intersection(
    header: list[str], start: str | None, end: str | None, inside: str | None, outside: str | None
) -> None:
    """A selection is the intersection of its conditions' selections, in the header's order."""
    if start is end is inside is outside is None:
        return
    single = [
        ColumnSelection(startswith=start) if start is not None else None,
        ColumnSelection(endswith=end) if end is not None else None,
        ColumnSelection(contains=inside) if inside is not None else None,
        ColumnSelection(excludes=outside) if outside is not None else None,
    ]
    sets = [set(select(header, one)) for one in single if one is not None]
    both = ColumnSelection(startswith=start, endswith=end, contains=inside, excludes=outside)
    assert [name for name in header if all(name in one for one in sets)] == select(header, both)


@given(headers, st.text("abc_0", min_size=1, max_size=2))
def test_contains_and_excludes_part_the_header(header: list[str], piece: str) -> None:
    """Every column either contains a text or is left by its exclusion."""
    inside = select(header, ColumnSelection(contains=piece))
    outside = select(header, ColumnSelection(excludes=piece))
    assert sorted(header) == sorted(inside + outside)


@given(headers, st.text("abc_0", min_size=1, max_size=3))
def test_regex_of_a_literal_selects_what_contains_it(header: list[str], piece: str) -> None:
    """A regular expression may match anywhere in the name."""
    expected = select(header, ColumnSelection(contains=piece))
    assert expected == select(header, ColumnSelection(regex=re.escape(piece)))


@given(headers.flatmap(lambda header: st.tuples(st.just(header), st.permutations(header))))
def test_exact_names_come_in_the_order_given(case: tuple[list[str], list[str]]) -> None:
    """Exact names are selected in their own order, whatever the header's."""
    header, order = case
    assert order == ColumnSelection(columns=tuple(order)).select(header)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            ColumnSelection(startswith="voxel_"),
            "no column matches `startswith='voxel_'`; the columns are `id`,",
        ),
        (ColumnSelection(columns=()), "no column matches"),
        (ColumnSelection(columns=("pixel_02",)), "no column `pixel_02`; did you mean `pixel_0"),
        (ColumnSelection(columns=("zzz",)), "no column `zzz`; the columns are `id`, `split`"),
    ],
)
def test_selection_of_nothing_is_an_error(selection: ColumnSelection, message: str) -> None:
    """No match and a missing exact name are errors that say what there is."""
    with pytest.raises(ManifestError, match=re.escape(message)):
        selection.select(HEADER)


def test_no_condition_is_an_error() -> None:
    """A selection without any condition would take the split column as well."""
    with pytest.raises(ManifestError, match="give at least one of `columns`, `startswith`"):
        ColumnSelection()


def test_bad_regex_is_an_error() -> None:
    """A regular expression that does not compile is named at once."""
    with pytest.raises(ManifestError, match=re.escape("`pixel_(` is not a regular expression")):
        ColumnSelection(regex="pixel_(")


def test_long_listing_is_cut() -> None:
    """A message shows some names of a wide table and counts the others."""
    assert "`a`, `b` and 3 more" == listing(["a", "b", "c", "d", "e"], at_most=2)
    assert "none" == listing([])


def test_selection_needs_neither_torch_nor_pandas() -> None:
    """The rules can be asked without loading what reads tables."""
    code = (
        "import sys, serotiny.manifest.selection;"
        "print([m for m in ('torch', 'pandas', 'numpy', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_a_long_name_is_shown_by_its_beginning() -> None:
    """A header may be one name of a hundred thousand characters, and each fault lists it."""
    assert f"`{'x' * 99}…`, `y`" == listing(["x" * 100_000, "y"])
    assert f"`{'x' * 100}`" == listing(["x" * 100])
