"""Syntax of newer Pythons: generic classes, functions and aliases (PEP 695), and f-strings in f-strings (PEP 701)."""

from __future__ import annotations

import ast
import sys

import pytest

from serotiny.targets.names.newer_syntax import needed_python

from .conftest import ReadSource

SOURCE = """
from typing import Literal

type Width = int
type Mode = Literal["a", "b"]
type Pair[T] = tuple[T, T]

class Net[T]:
    def __init__(self, x: T, width: Width = 3, mode: Mode = "a", pair: Pair[int] = (1, 2)) -> None:
        self.x = x

class Child[T: (int, str)](Net[T]):
    pass

def make[T: int](x: T, width: Width) -> Net[T]:
    return Net(x)
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="it is not valid there")
@pytest.mark.parametrize("name", ["Net", "Child", "make"])
def test_aliases_and_type_parameters_are_read(read: ReadSource, name: str) -> None:
    """An alias is what it stands for, and a parameter may be anything."""
    types = {item.name: str(item.type) for item in read(f"study.{name}", study=SOURCE).parameters}

    assert "anything" == types["x"]
    assert "int" == types["width"]
    assert name == "make" or ('one of "a", "b"', "tuple of (anything, anything)") == (
        types["mode"],
        types["pair"],
    )


_NEWER = [
    ("type Width = int", (3, 12)),
    ("class Net[T]:\n  pass", (3, 12)),
    ("async def make[T](x: T):\n  pass", (3, 12)),
    ("def make[T = int](x: T):\n  pass", (3, 13)),
    ("type Pair[T = int] = tuple[T, T]", (3, 13)),
    ("""x = f"{d["a"]}\"""", (3, 12)),
    ("""print(f"{x=} {d["a"]!r:>8} and {{no}}")""", (3, 12)),
    ("x = f'{\"\\n\".join(a)}'", (3, 12)),
    ("""x = rf'{a['b']['c']}'""", (3, 12)),
]


@pytest.mark.parametrize(("line", "version"), _NEWER)
def test_syntax_of_a_newer_python_is_told_as_such(line: str, version: tuple[int, int]) -> None:
    """A Python before that calls it invalid, which does not say what to do."""
    if sys.version_info >= version:
        ast.parse(line)
        return
    with pytest.raises(SyntaxError) as raised:
        ast.parse(line)

    assert version == needed_python(raised.value)


@pytest.mark.parametrize(
    "line",
    [
        *("type (x", "class Net(:", "def make(x", "x = 'open", "print 3", 'print f"{a}"', 'x = f"{a}" b'),
        *('x = f"{d["a"}"', 'x = f"{}"', 'x = "{d["a"]}"', 'f"{a b}"', 'f"{a', 'f"{d["a"]}'),
    ],
)
def test_what_no_python_reads_is_told_as_it_is(line: str) -> None:
    """Of another Python nothing is said."""
    with pytest.raises(SyntaxError) as raised:
        ast.parse(line)

    assert needed_python(raised.value) is None
