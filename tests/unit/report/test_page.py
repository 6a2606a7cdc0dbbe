"""Parts of a page in HTML."""

from __future__ import annotations

from serotiny.report.html.page import MOST_ROWS, MOST_TILES, long_table, long_tiles


def test_what_is_long_is_folded() -> None:
    """A run of a thousand metrics still shows its configuration."""
    rows = [(f"m{number}", "1") for number in range(1000)]
    shown, folded = long_table(rows, ("metric", "value")).split("<details>")
    assert MOST_ROWS == shown.count('scope="row"')
    assert 1000 - MOST_ROWS == folded.count('scope="row"')
    assert f"{1000 - MOST_ROWS} more" in folded
    assert "<details>" not in long_table(rows[:MOST_ROWS], ("metric", "value"))

    shown, folded = long_tiles(str(number) for number in range(100)).split("<details>")
    assert (MOST_TILES, 100 - MOST_TILES) == (shown.count('"tile"'), folded.count('"tile"'))
    assert "" == long_tiles([])
