"""Names that are one slip away from another."""

from __future__ import annotations

import pytest

from serotiny.compiler.project_code.one_slip import one_slip_away


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
