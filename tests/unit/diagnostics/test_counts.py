"""Counts in words."""

from __future__ import annotations

import pytest

from serotiny.diagnostics.counts import counted, first_of


@pytest.mark.parametrize(
    ("number", "word", "text"),
    [
        (0, "job", "0 jobs"),
        (1, "job", "1 job"),
        (3, "known fault", "3 known faults"),
        (2, "batch", "2 batches"),
        (2, "epoch", "2 epochs"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (20000, "row", "20,000 rows"),
    ],
)
def test_word_has_the_form_of_its_number(number: int, word: str, text: str) -> None:
    """One is a singular, everything else a plural."""
    assert text == counted(number, word)


@pytest.mark.parametrize(
    ("texts", "text"),
    [((), ""), (("a",), "a"), (("a", "b", "c"), "a, b, c"), (tuple("abcde"), "a, b, c and 2 more")],
)
def test_only_the_first_are_named(texts: tuple[str, ...], text: str) -> None:
    """The others are counted."""
    assert text == first_of(texts)
