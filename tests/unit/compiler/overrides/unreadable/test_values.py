from __future__ import annotations

import pytest

from serotiny.compiler.overrides.unreadable.argument import refuse_unreadable

UNBALANCED = [
    ("choice(1,2", 9, "close it with `)`: write `'a=choice(1,2)'`"),
    ("shuffle(range(1,3)", 10, "close it with `)`: write `'a=shuffle(range(1,3))'`"),
    ("[choice(1,2]", 10, "close it with `)`: write `'a=[choice(1,2)]'`"),
    ("[[1,2]", 3, "close it with `]`: write `'a=[[1,2]]'`"),
    ("{b:[1,2}", 6, "close it with `]`: write `'a={b:[1,2]}'`"),
    ('["]"', 3, "close it with `]`: write `'a=[\"]\"]'`"),
    ("[${x]", 4, "close it with `}`: write `'a=[${x}]'`"),
    ("choice(1,2))", 14, "write `'a=choice(1,2)'`"),
    ("[1,2]]", 8, "write `'a=[1,2]'`"),
    ("[::1]:5000", 3, "write `'a=\"[::1]:5000\"'`"),
    ("run (1", 7, "write `'a=\"run (1\"'`"),
    ('{"b": 1}', 3, "write `'a={b: 1}'`; a mapping with other keys belongs in a file"),
    ("[b(c, d]", 3, None),
]


@pytest.mark.parametrize(("value", "column", "fix"), UNBALANCED)
def test_a_bracket_is_closed_where_that_gives_an_override_and_quoted_where_not(
    value: str, column: int, fix: str | None
) -> None:
    """A function, list or mapping is to be closed; a bracket that belongs to a text is to be quoted."""
    fault = refuse_unreadable(f"a={value}")

    assert column == fault.place.column
    assert fix is None or fix == fault.help


_LETTERS = "set it in a file: overrides have keys of the letters a to z alone"
STRAY = [
    ("['x',größe]", 10, "`ö` stands in a value only in quotes", 'write `"a=[\'x\',\\"größe\\"]"`'),
    ("{x: 1;2}", 8, "`;` stands in a value only in quotes", "write `'a={x: \"1;2\"}'`"),
    ("'x',größe", 9, "`ö` stands in a value only in quotes", 'write `"a=\'x\',\\"größe\\""`'),
    ("[ä,'${größe}',ü]", 4, "`ä` stands in a value only in quotes", "put each such text in quotes"),
    ("'',{grün: 1}", 9, "`ü` cannot stand in a key", _LETTERS),
    ("'x','y", 3, "`a='x','y` is not an override: its quotes (') do not match", None),
]


@pytest.mark.parametrize(("value", "column", "message", "fix"), STRAY)
def test_a_sign_that_needs_quotes_is_shown_in_a_part_of_a_value(
    value: str, column: int, message: str, fix: str | None
) -> None:
    """In a list, a mapping or one of several values, the sign is told that only a text in quotes may have."""
    fault = refuse_unreadable(f"a={value}")

    assert (column, message) == (fault.place.column, fault.message)
    assert fix is None or fix == fault.help
