"""Generic classes, functions and aliases in the syntax of Python 3.12 (PEP 695)."""

from __future__ import annotations

import ast
import sys

import pytest

from serotiny.targets.names.newer_syntax import syntax_reason

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


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="it is valid there")
@pytest.mark.parametrize(
    "line", ["type Width = int", "class Net[T]:\n  pass", "async def make[T](x: T):\n  pass"]
)
def test_syntax_of_a_newer_python_is_told_as_such(line: str) -> None:
    """This Python calls it invalid, which does not say what to do."""
    with pytest.raises(SyntaxError) as raised:
        ast.parse(line)

    assert syntax_reason(raised.value).endswith("such a line is of 3.12")


@pytest.mark.parametrize("line", ["type (x", "class Net(:", "def make(x", "x = 'open", "print 3"])
def test_what_no_python_reads_is_told_as_it_is(line: str) -> None:
    """Of the Python that runs nothing is said."""
    with pytest.raises(SyntaxError) as raised:
        ast.parse(line)

    assert raised.value.msg == syntax_reason(raised.value)
