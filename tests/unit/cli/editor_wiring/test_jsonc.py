"""JSON with comments is edited in place: what is not asked for survives to the letter."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.cli.editor_wiring.jsonc import JsoncError, parse, with_member

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.text('ab"\\/*,{}[] é', max_size=6), st.floats(-2, 2)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc/.*", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spaces(draw: st.DrawFn) -> str:
    """White space and numbered comments, so that each can be found again."""
    number = draw(st.integers(1000, 9999))
    return draw(
        st.sampled_from(
            ["", " ", "\n", "\n  ", f" // c{number}\n", f"/* c{number} */", f"\n\t/* c{number}\n*/ "]
        )
    )


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """A value as somebody might write it: comments and white space anywhere, trailing commas."""

    def gap() -> str:
        return draw(spaces())

    if isinstance(value, dict):
        items = [
            f"{gap()}{json.dumps(key)}{gap()}:{gap()}{draw(written(item))}{gap()}"
            for key, item in value.items()
        ]
    elif isinstance(value, list):
        items = [f"{gap()}{draw(written(item))}{gap()}" for item in value]
    else:
        return json.dumps(value)
    trailing = draw(st.sampled_from(["", ","])) if items else ""
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}{','.join(items)}{trailing}{gap()}{closing}"


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    value = draw(st.dictionaries(st.text("abcy.", min_size=1, max_size=4), VALUES, max_size=4))
    return value, draw(spaces()) + draw(written(value)) + draw(spaces())


@given(documents())
def test_written_document_is_read_as_it_is_meant(document: tuple[dict[str, Any], str]) -> None:
    """Comments, white space and trailing commas change nothing in what is read."""
    value, text = document

    assert value == parse(text).data


@given(documents(), st.text("abcz", min_size=1, max_size=3), VALUES)
def test_setting_a_member_changes_nothing_else(
    document: tuple[dict[str, Any], str], key: str, data: Any
) -> None:
    """The member has the new value, every other one its old, and every comment outside of it is still there."""
    value, text = document

    after = with_member(text, (key,), data)

    assert {**value, key: data} == parse(after).data
    if key not in value:
        assert re.findall(r"c\d{4}", text) == re.findall(r"c\d{4}", after)
    assert after == with_member(after, (key,), data)


@given(documents())
def test_member_of_a_new_object_is_added(document: tuple[dict[str, Any], str]) -> None:
    """Objects on the way to a member are made."""
    value, text = document

    after = with_member(text, ("zz", "inner"), [1])

    assert {**value, "zz": {"inner": [1]}} == parse(after).data


def test_comment_behind_the_last_member_stays_with_it() -> None:
    """A new member goes on the line after the comment of the one before."""
    text = '{\n  // editor\n  "a": 1 // one\n}\n'

    assert '{\n  // editor\n  "a": 1, // one\n  "b": 2\n}\n' == with_member(text, ("b",), 2)


def test_trailing_comma_is_not_doubled() -> None:
    """VS Code allows a comma behind the last member."""
    assert '{\n    "a": 1,\n    "b": 2\n}' == with_member('{\n    "a": 1,\n}', ("b",), 2)


def test_windows_newlines_are_kept() -> None:
    """A file with CRLF gets CRLF."""
    assert '{\r\n  "a": 1,\r\n  "b": [\r\n      2\r\n  ]\r\n}\r\n' == with_member(
        '{\r\n  "a": 1\r\n}\r\n', ("b",), [2]
    )


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[1, 2", '{"a" 1}', '{"a": }', "{} {}", '{"a": 1 "b": 2}', "{'a': 1}"),
        *("[" * 5000, f'{{"a": {"9" * 5000}}}'),
    ],
)
def test_malformed_text_is_refused(text: str) -> None:
    """What is no JSON with comments raises and says where."""
    with pytest.raises(JsoncError, match="line 1"):
        with_member(text, ("a",), 1)


def test_member_of_what_is_no_object_is_refused() -> None:
    """A list cannot get a named member."""
    with pytest.raises(JsoncError, match="no object"):
        with_member('{"a": []}', ("a", "b"), 1)
