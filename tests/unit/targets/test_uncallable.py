"""Targets that nothing can call, and items of `_args_` that a call has no place for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.targets.conftest import Miss, ReadSource

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


def test_name_for_type_checkers_alone_is_not_there(miss: Miss) -> None:
    """What a module imports under `TYPE_CHECKING` is no attribute of it when it runs."""
    source = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from json import loads\ndef other(): ...\n"
    )
    found = miss("study.loads", study=source)

    assert ("study", "loads") == (found.found, found.missing)
    assert "other" in found.candidates


@pytest.mark.parametrize(
    "rest",
    [
        "else:\n    from pickle import loads",
        "def __getattr__(name): ...",
        "import sys\nsys.modules[__name__] = LazyModule()",
        "from json import *",
    ],
)
def test_name_that_a_module_may_make_otherwise_is_there(rest: str, read: ReadSource) -> None:
    """A module that binds it elsewhere, or makes names as it runs, may have it."""
    source = f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from json import loads\n{rest}\n"

    assert "loads" in read("study.loads", study=source).path


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
