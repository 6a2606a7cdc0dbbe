"""A YAML file that cannot be read is told where it has to be changed."""

from __future__ import annotations

import pytest

from serotiny.compiler.syntax.document import parse_document


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: [1, 2\nb: 1\n", 1, "the `[` is not closed"),
        ("é: {x: 1\nb: 1\n", 1, "the `{` is not closed"),
        ("a: [\n\n# none yet\nb:\n  - c\n", 1, "the `[` is not closed"),
        ("m:\n  a: {x: {y: 1}\n\n  b: 1\n", 2, "the `{` is not closed"),
        ("m:\n  - [1, 2\n  - [1, 2]\n", 2, "the `[` is not closed"),
        ("a: [1, 2\n", 1, "the `[` is not closed"),
        ('a: [\n  "x"\n  "y",\n]\n', 3, "did not find expected ',' or ']'"),
        ("a: [1 2}\n", 1, "did not find expected ',' or ']'"),
        ("x: 'abc\nb: 1\n", 1, "found unexpected end of stream"),
        ("y: 1\na: [x, 'b]\nc: 1\n", 2, "found unexpected end of stream"),
        ('x:\n  "a\\qb"\n', 2, "found unknown escape character"),
    ],
)
def test_what_is_left_open_is_told_where_it_begins(text: str, line: int, message: str) -> None:
    """YAML stops to understand only in a later line, where nothing is wrong; a missing comma is told where it lacks."""
    [fault] = parse_document("main.yaml", text).diagnostics
    assert (fault.place.line, fault.message) == (line, f"YAML syntax: {message}")


def test_switch_with_two_letters_swapped_is_told_unless_it_is_a_text_in_quotes() -> None:
    """Code that reads it finds a text, which counts as true."""
    text = "a: ture\nb: [x, Flase]\nc: 'ture'\nd: true\ne: structure\ntreu: 1\n"
    found = parse_document("main.yaml", text).diagnostics
    assert [(fault.code, fault.place.line, fault.message, fault.help) for fault in found] == [
        ("SER124", 1, "`ture` is a text", "write `true` if that is meant, or quote it"),
        ("SER124", 2, "`Flase` is a text", "write `false` if that is meant, or quote it"),
    ]
