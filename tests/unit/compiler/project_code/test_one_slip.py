"""Names that are one slip away from another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.compiler.project_code.one_slip import is_one_slip_away, one_slip_away

NAMES = st.text("ab1_", max_size=7)


@pytest.mark.parametrize("slip", ["horizn", "horizoon", "horixon", "hoirzon", "Horizon"])
def test_a_letter_missing_added_changed_or_moved_is_one_slip(slip: str) -> None:
    """The right name is found from the misspelt one."""
    assert "horizon" in one_slip_away(slip)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("horizon", "horizon"),
        ("horozin", "horizon"),
        ("lrs", "lr"),
        ("loss1", "loss"),
        ("loss1", "loss2"),
        ("loss", "loss1"),
    ],
)
def test_the_name_itself_two_slips_short_names_and_numbers_are_none(name: str, other: str) -> None:
    """Of a short name too many others are as near."""
    assert other not in one_slip_away(name)


@given(NAMES, NAMES)
def test_two_names_are_compared_as_all_slips_of_one_are_found(name: str, other: str) -> None:
    """Comparing is only faster."""
    assert is_one_slip_away(name, other) == (other in one_slip_away(name))


@given(st.data(), st.text("ab1_é", min_size=4, max_size=7))
def test_each_slip_that_is_found_is_one_by_comparing(data: st.DataObject, name: str) -> None:
    """Also for signs that no slip puts in."""
    assert is_one_slip_away(name, data.draw(st.sampled_from(sorted(one_slip_away(name)))))
