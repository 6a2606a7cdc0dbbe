"""From annotations to value types, and what those accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serotiny.targets import Deferred, SignatureReader, TargetSignature, accepts, check
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadSource, WriteTree

_PRELUDE = """
import collections, enum, numbers, os, pathlib
import typing as tp
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import *
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, Protocol, Tuple, Type, TypedDict, TypeVar, Union
import numpy as np
import torch
from torch import nn, Tensor

class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"

class Level(enum.StrEnum):
    LOW = enum.auto()

class Number(enum.Enum):
    ONE = enum.auto()
    TWO = enum.auto()

class Plain: ...

@dataclass
class Options:
    a: int = 1

class Point(NamedTuple):
    x: int

class Keys(TypedDict):
    a: int

class Hook(Protocol):
    def __call__(self, x: int) -> int: ...

class Text(str): ...

T = TypeVar("T")
Bounded = TypeVar("Bounded", bound=int)
OneOf = TypeVar("OneOf", int, str)
Width = NewType("Width", int)
Widths: "TypeAlias" = Union[int, Sequence[int]]
Pair = Union[T, tuple[T, T]]
Mode = Literal["a", "b"]
Recursive = Union[int, "list[Recursive]"]
"""


@pytest.fixture
def type_of(write_tree: WriteTree) -> Any:
    """The type of a parameter with an annotation and perhaps a default."""

    def read(annotation: str, default: str | None = None) -> t.ValueType:
        suffix = "" if default is None else f" = {default}"
        root = write_tree(study=f"{_PRELUDE}\ndef target(x: {annotation}{suffix}): ...\n")
        found = SignatureReader([root]).read("study.target")
        assert isinstance(found, TargetSignature)
        return found.parameters[0].type

    return read


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int", "int"),
        ("'int'", "int"),
        ("'Optional[int]'", "int or null"),
        ("int | None", "int or null"),
        ("None | int | str", "int or str or null"),
        ("Union[int, str, int]", "int or str"),
        ("tp.Optional[float]", "float or null"),
        ("Any", "anything"),
        ("object", "anything"),
        ("Union[int, Any]", "anything"),
        ("list", "list"),
        ("List[int]", "list of int"),
        ("set[str]", "list of str"),
        ("list[int | None]", "list of (int or null)"),
        ("tuple[int, ...]", "list of int"),
        ("Tuple[int]", "list of int"),
        ("tuple[int, str]", "tuple of (int, str)"),
        ("Sequence[int]", "list of int"),
        ("Sequence[str]", "list of str or str"),
        ("Iterable[int]", "list of int"),
        ("Iterable[str]", "list of str or str or mapping of str to anything"),
        ("dict", "mapping"),
        ("dict[dict[str, int]]", "mapping"),
        ("Dict[str, float]", "mapping of str to float"),
        ("Mapping[str, Any]", "mapping of str to anything"),
        ("collections.OrderedDict[str, int]", "mapping of str to int"),
        ("Literal['a', 1, None]", 'one of "a", 1, null'),
        ("Union[Literal['a'], Literal['b']]", 'one of "a", "b"'),
        ("Mode", 'one of "a", "b"'),
        ("Annotated[int, 'unit']", "int"),
        ("Type[Plain]", "class derived from study.Plain"),
        ("type", "class"),
        ("Callable", "callable"),
        ("Callable[[int], str]", "callable"),
        ("Hook", "callable"),
        ("Path", "path"),
        ("Union[str, os.PathLike]", "str or path"),
        ("pathlib.Path", "path"),
        ("T", "anything"),
        ("Bounded", "int"),
        ("OneOf", "int or str"),
        ("Width", "int"),
        ("Widths", "int or list of int"),
        ("Pair[int]", "int or tuple of (int, int)"),
        ("np.float32", "float"),
        ("np.int64", "int"),
        ("numbers.Number", "float"),
        ("Color", "study.Color (RED, BLUE)"),
        ("Plain", "study.Plain"),
        ("nn.Module", "torch.nn.modules.module.Module"),
        ("torch.device", "torch.device"),
        ("Tensor", "torch.Tensor"),
        ("Keys", "study.Keys"),
        ("not_a_name", "anything"),
        ("1 +", "anything"),
        ("nn", "anything"),
        ("lambda: 0", "anything"),
        ("Unpack[Keys]", "anything"),
    ],
)
def test_annotation_is_read_as(type_of: Any, annotation: str, expected: str) -> None:
    """Each way of writing a type has its value type."""
    written = annotation if annotation != "1 +" else "'1 +'"
    assert expected == str(type_of(written))


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        ("int", [1, -3, 10**30], ["10", True, 1.5, 1.0, None, [1], float("nan")]),
        ("float", [1, 1.5, float("nan"), float("inf")], ["1.5", True, None]),
        ("bool", [True, False], [1, 0, "true", None]),
        ("str", ["", "10"], [10, None, ["a"], True]),
        ("bytes", [b"x"], ["x"]),
        ("Path", ["a/b", ""], [1, None]),
        ("Optional[int]", [None, 1], ["null"]),
        ("list[int]", [[], [1]], [["1"], "ab", {"a": 1}, None]),
        ("tuple[int, str]", [[1, "a"]], [[1], [1, "a", 2], ["a", 1], 1]),
        ("tuple[int, ...]", [[], [1, 2, 3]], [["1"], 1]),
        ("dict[str, int]", [{}, {"a": 1}], [{"a": "b"}, [1], {1: 1}]),
        ("Literal[1]", [1], [True, 1.0, "1", 2]),
        ("Literal['a', None]", ["a", None], ["b", 1]),
        ("Color", ["RED", "red", "BLUE"], ["green", 1, None]),
        ("Level", ["LOW", "low"], ["Low"]),
        ("Number", ["ONE", 1, 2], [3, "1"]),
        ("Plain", [{"_target_": "study.Plain"}], [1, "a", None, [], {}, {"a": 1}]),
        ("nn.Module", [{"_target_": "torch.nn.ReLU"}], ["relu", {"a": 1}]),
        ("Options", [{"a": 1}, {"_target_": "x"}], ["a", 1]),
        ("Point", [[1], {"x": 1}], []),
        ("Keys", [{"a": 1}], [1]),
        ("Text", ["a"], []),
        ("torch.device", ["cpu", 0, {"_target_": "torch.device"}], []),
        ("torch.dtype", ["float32"], []),
        ("Callable", [{"_target_": "f", "_partial_": True}], ["relu", 1, None]),
        ("type[Plain]", [{"_target_": "hydra.utils.get_class"}], ["study.Plain"]),
        ("Any", [1, None, [], {}, "x"], []),
        ("Sequence[str]", [["a"], "abc"], [1, {"a": 1}]),
        ("Recursive", [1, [1, [2]]], ["a"]),
        ("complex", [1, "x"], []),
    ],
)
def test_type_accepts_what_the_code_would(
    type_of: Any, annotation: str, good: list[Any], bad: list[Any]
) -> None:
    """Strict scalars, lists for tuples, enumerations by name and value, targets for instances."""
    value_type = type_of(annotation)
    assert [] == [value for value in good if not accepts(value_type, value)]
    assert [] == [value for value in bad if accepts(value_type, value)]


@pytest.mark.parametrize(
    ("annotation", "default", "also"),
    [
        ("int", "None", None),
        ("int", "0.5", 0.25),
        ("str", "()", ["a"]),
        ("nn.Module", "'relu'", "gelu"),
        ("bool", "1", 2),
        ("Literal['a']", "'b'", "c"),
        ("dict", "[]", [1]),
    ],
)
def test_default_that_contradicts_the_hint_widens_it(
    type_of: Any, annotation: str, default: str, also: Any
) -> None:
    """`x: int = None` is common; the project's own default is never called wrong, nor its like."""
    assert not accepts(type_of(annotation), also)
    assert accepts(type_of(annotation, default), also)


@pytest.mark.parametrize(
    "annotation",
    [
        "int",
        "list[int]",
        "dict[str, int]",
        "tuple[int, int]",
        "Literal['a']",
        "Color",
        "Plain",
        "Callable",
        "int | list[str]",
    ],
)
def test_deferred_value_is_of_every_type(type_of: Any, annotation: str) -> None:
    """What is known only when the job runs is not judged, at whatever depth it stands."""
    value_type = type_of(annotation)
    assert accepts(value_type, Deferred("${oc.env:X}"))
    assert accepts(value_type, {"_target_": "f"})
    assert accepts(type_of(f"list[{annotation}]"), [Deferred(), {"_target_": "f", "x": "y"}])


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("list[int]", [1, "a"], [((1,), "wrong_type", "int", '"a" (str)')]),
        (
            "list[int]",
            [1, "a", 2.5],
            [((1,), "wrong_type", "int", '"a" (str)'), ((2,), "wrong_type", "int", "2.5 (float)")],
        ),
        ("Optional[list[int]]", [1, "a"], [((1,), "wrong_type", "int", '"a" (str)')]),
        ("dict[str, list[int]]", {"k": [True]}, [(("k", 0), "wrong_type", "int", "true (bool)")]),
        ("int | str", None, [((), "wrong_type", "int or str", "null")]),
        ("Literal['min', 'max']", "mim", [((), "not_in_choices", 'one of "min", "max"', '"mim" (str)')]),
        ("Literal['min', 'max']", 1, [((), "wrong_type", 'one of "min", "max"', "1 (int)")]),
        (
            "Optional[Literal['a', 'b']]",
            "c",
            [((), "not_in_choices", 'one of "a", "b" or null', '"c" (str)')],
        ),
        ("Color", "green", [((), "not_in_choices", "study.Color (RED, BLUE)", '"green" (str)')]),
        ("tuple[int, int]", [1], [((), "wrong_length", "tuple of (int, int)", "a list of 1")]),
        ("tuple[int, int]", [1, 2, 3], [((), "wrong_length", "tuple of (int, int)", "a list of 3")]),
        ("Union[int, tuple[int, int]]", [1, "a"], [((1,), "wrong_type", "int", '"a" (str)')]),
        ("dict[str, int]", {1: 1}, [((1,), "wrong_type", "str", "1 (int)")]),
        ("Plain", {"a": 1}, [((), "wrong_type", "study.Plain", "a mapping without `_target_`")]),
    ],
)
def test_fault_names_the_place_inside_what_was_expected_and_what_was_got(
    type_of: Any, annotation: str, value: Any, expected: Any
) -> None:
    """The path leads to the item at fault, through the branch of a union that was meant."""
    found = check(type_of(annotation), value)
    assert expected == [(fault.path, fault.kind, fault.expected, fault.got) for fault in found]


def test_choices_are_given_for_a_did_you_mean(type_of: Any) -> None:
    """A wrong choice comes with the choices, also from within a union."""
    (fault,) = check(type_of("Optional[Literal['min', 'max']]"), "mim")
    assert ("min", "max") == fault.choices
    (fault,) = check(type_of("Color"), "rde")
    assert ("RED", "BLUE", "red", "blue") == fault.choices


def test_literals_that_python_calls_equal_are_different_types() -> None:
    """`Literal[1]`, `Literal[True]` and `Literal[1.0]` are told apart, in sets as well."""
    assert 3 == len({t.LiteralType((1,)), t.LiteralType((True,)), t.LiteralType((1.0,))})


def test_instance_of_an_uninstalled_class_takes_anything(read: ReadSource) -> None:
    """A class that cannot be read may be a string for all we know."""
    found = read("study.f", study="from not_installed import Thing\ndef f(x: Thing): ...")
    assert accepts(found.parameters[0].type, "text")


def test_entry_of_one_of_two_mappings_is_at_fault_itself() -> None:
    """A union of mappings blames the entry where one branch alone is closest, not the whole mapping."""
    loader = t.CallableType()
    by_split = t.MappingType(t.LiteralType(("train", "valid")), t.MappingType(t.STR, loader))
    value = {"x": {"_target_": "a.B"}, "y": 1.5}

    faults = check(t.union(t.MappingType(t.STR, loader), by_split), value)

    assert [("y",)] == [fault.path for fault in faults]
