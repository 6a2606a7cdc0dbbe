"""Finding the cursor's place in text that need not be YAML."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.language_server.text_cursor import cursor_at, without_line


@pytest.mark.parametrize(
    ("marked", "container", "key", "written"),
    [
        ("|", (), None, ""),
        ("a: 1\nb|", (), None, "b"),
        ("a:\n  b: x|y # c", ("a",), "b", "x"),
        ("a:\n  b:\n    |\n", ("a", "b"), None, ""),
        ("a:\n  b:\n    c: 1\n  |\n", ("a",), None, ""),
        ("a:\n- x: 1\n- y: |", ("a", 1), "y", ""),
        ("a:\n  - x: 1\n    z: 2\n  - y: 1\n    q|", ("a", 1), None, "q"),
        ("defaults:\n  - mod|", ("defaults", 0), None, "mod"),
        ("defaults:\n  - model: de|fault\n", ("defaults", 0), "model", "de"),
        ("x:\n  - - 1\n    - 2|", ("x", 0, 1), None, "2"),
        ("a:  | # c", (), "a", ""),
        ("a:\n\n# c\n  b: 1\n\n  |", ("a",), None, ""),
        ("{[: }\na:\n  b|", ("a",), None, "b"),
    ],
)
def test_cursor_tells_container_key_and_word(
    marked: str, container: tuple[Any, ...], key: Any, written: str
) -> None:
    """The path of what a line stands in follows from indentation alone, also around broken lines."""
    found = cursor_at(marked.replace("|", "", 1), marked.index("|"))
    assert (container, key, written) == (found.container, found.key, found.written)


@given(st.text(alphabet="ab:- \n\r#'\"{}[]|\u2028\U0001f600"), st.data())
def test_any_text_has_a_cursor_everywhere(text: str, data: st.DataObject) -> None:
    """No text and no place in it is too strange, and the rest of the text stays as it is."""
    offset = data.draw(st.integers(0, len(text)))
    found = cursor_at(text, offset)
    assert 0 <= found.start <= offset <= found.end <= len(text)
    repaired = without_line(text, found)
    assert repaired.startswith(text[: found.line_start])
    assert repaired.endswith(text[found.line_start + len(found.line) :])
