"""What is printed can neither steer a terminal nor forge a command of a CI log."""

from __future__ import annotations

import json

import pytest

from serotiny.cli.neutral import error_line, neutral


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("naïve 模型 🌲", "naïve 模型 🌲"),
        ("\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
        ("\x1b[2J", "\\u001b[2J"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("a\rb\x9b31mc\u202ed\u2028e", "a\\u000db\\u009b31mc\\u202ed\\u2028e"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\udb40\\udc01"),
        ("a\n  ::error::x", "a\n  \\u003a:error::x"),
        ("a ##[error]x", "a \\u0023#[error]x"),
        ("a::b", "a::b"),
    ],
)
def test_what_is_not_seen_is_spelt_out(text: str, expected: str) -> None:
    """Lines, letters of any script and our own colours stay as they are."""
    assert expected == neutral(text)


def test_json_says_the_same_afterwards() -> None:
    """The spelling is that of JSON, so programs read what was meant."""
    value = {"::a": "\x9b \u202e \U000e0001 ##[x"}

    assert value == json.loads(neutral(json.dumps(value, ensure_ascii=False)))


def test_an_error_line_holds_no_credential() -> None:
    """Each line of a message is masked and neutral."""
    assert "error: a\n\\u003a:error::password=***" == error_line("a\n::error::password=hunter22")
