"""Which name was meant."""

from __future__ import annotations

import itertools

from serotiny.diagnostics import closest


def test_names_without_end_are_not_read_to_their_end() -> None:
    """Of a table of any width the first names are looked at."""
    assert "column_17" == closest("Column_17", (f"column_{number}" for number in itertools.count()))
