"""Markdown of what comes from files."""

from __future__ import annotations

import pytest

from serotiny.language_server.markdown import code, inert


@pytest.mark.parametrize(
    ("value", "expected"),
    [("x", "`x`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("", "` `"), ("a\nb", "`a\\u000ab`"), (1, "`1`")],
)
def test_a_value_stays_code(value: object, expected: str) -> None:
    """No backtick or line end leads out of it."""
    assert expected == code(value)


def test_a_documentation_has_no_links_and_tags() -> None:
    """Pictures, links and HTML are shown as they are written; emphasis, comparisons and code are not touched."""
    assert "![p]\\(http://x) [l]\\[r] \\<img src=x> *a* `b` 1 < 2" == inert(
        "![p](http://x) [l][r] <img src=x> *a* `b` 1 < 2"
    )
