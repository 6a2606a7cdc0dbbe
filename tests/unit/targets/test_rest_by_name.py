"""What an annotation of `**kwargs` says of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.targets import Parameter, ParameterKind
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadSource

HEAD = """
import enum
import typing
from typing_extensions import Unpack
from pydantic import validate_call
class Colour(enum.Enum):
    RED = 1
class Options(typing.TypedDict):
    x: int
class Part: ...
def other(x: int): ...
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(**parts: Part): ...", t.InstanceOf("study.Part")),
        ("def f(x: int, *, y=1, **parts: int): ...", t.INT),
        ("@validate_call\ndef f(**parts: int): ...", t.ParsedType(t.INT)),
        ("@validate_call\ndef f(**parts: dict[str, int]): ...", t.MappingType(t.STR, t.ParsedType(t.INT))),
        (
            "class f:\n    def __init__(self, **parts: Colour): ...",
            t.EnumType("study.Colour", ("RED",), (1,)),
        ),
        ("def f(**parts): ...", None),
        ("def f(**parts: typing.Any): ...", None),
        ("def f(**parts: dict[str, int]): ...", None),
        ("def f(**parts: Unpack[Options]): ...", None),
        ("def f(**parts: str):\n    other(**parts)", None),
    ],
)
def test_annotation_of_the_rest_is_that_of_each_key(
    source: str, expected: t.ValueType | None, read: ReadSource
) -> None:
    """It is the type of each further key, but for a mapping, which is often meant to be all of them together."""
    signature = read("study.f", study=f"{HEAD}\n{source}\n")
    rest = signature.rest_by_name

    assert expected == (None if rest is None else rest.type)
    assert signature.taking("z") is rest


def test_key_with_a_parameter_of_its_own_is_not_of_the_rest(read: ReadSource) -> None:
    """A parameter that is written out has its own type."""
    signature = read("study.f", study="def f(x: str, **parts: int): ...")
    own, rest = signature.taking("x"), signature.taking("y")

    assert (t.STR, Parameter(name="parts", type=t.INT, kind=ParameterKind.VAR_KEYWORD, body="study.f")) == (
        None if own is None else own.type,
        rest,
    )
