"""Targets that nothing can call, and items of `_args_` that a call has no place for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadSource

VALUES = {
    "X = 3": "TypeError: 'int' object is not callable",
    "X = 'a.b'": "TypeError: 'str' object is not callable",
    "X = [1]": "TypeError: 'list' object is not callable",
    "X = {}": "TypeError: 'dict' object is not callable",
    "X = None": None,
    "X = make()": None,
    "X = 3\ndef later():\n    global X\n    X = print": None,
    "X = 3\nif make():\n    X = print": None,
    "X = 3\nfor X in (print,): ...": None,
    "X = 3\n(X := print)": None,
    "X = 3\nX += 1": None,
    "X = 3\ntry:\n    from quick import X\nexcept ImportError: ...": None,
    "X = 3\nfrom elsewhere import *": None,
    "X = 3\nglobals()['X'] = print": None,
    "X = 3\nexec('X = print')": None,
    "try:\n    from json import loads as X\nexcept ImportError:\n    X = 3": None,
}


@pytest.mark.parametrize("source", VALUES)
def test_value_cannot_be_called(source: str, read: ReadSource) -> None:
    """A number, a text or a container that a module binds fails when it is called; what may become another does not."""
    assert VALUES[source] == read("study.X", study=source).failure


@pytest.mark.parametrize(
    "source",
    [
        "import enum\nclass Act(enum.Enum):\n    X = 'x'\n    def __call__(self, x): return x",
        "class Act:\n    X = 'x'\nAct.X = print",
        "@dressed\nclass Act:\n    X = 'x'",
    ],
)
def test_value_in_a_class_may_be_called(source: str, read: ReadSource) -> None:
    """A class makes members of an enumeration of what it binds, and others set anew what is in it."""
    assert read("study.Act.X", study=source).failure is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(**parts): ...", True),
        ("def f(x, **parts): ...", True),
        ("class f:\n    def __init__(self, x, **parts): ...", True),
        ("def f(*rest, **parts): ...", False),
        ("@nowhere\ndef f(**parts): ...", False),
        ("f = nowhere()", False),
    ],
)
def test_function_of_any_keys_takes_no_further_positions(
    source: str, expected: bool, read: ReadSource
) -> None:
    """`**parts` takes keys alone; a decorator or a value that is not known may take anything."""
    assert expected is read("study.f", study=f"from elsewhere import nowhere\n{source}\n").fixed_positions
