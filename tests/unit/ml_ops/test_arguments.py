"""Values of a config reach code in the form that its signature declares."""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from serotiny.compiler.project import find_project
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.instantiation import instantiate, make_importable
from serotiny.targets import SignatureReader

_PARTS = """
import datetime
import enum
import fractions
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

import numpy as np
import torch


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


@dataclass
class Window:
    size: tuple[int, int]
    where: Path | None = None


@dataclass
class Door:
    height: int


class Direction(enum.Enum):
    UP = (0, 1)


@dataclass
class Options:
    window: Window
    colours: list[Colour] = field(default_factory=list)


class Table(TypedDict):
    file: Path
    rows: NotRequired[int]


class Box(NamedTuple):
    where: Path
    width: int = 1


class Takes:
    def __init__(
        self,
        colour: Colour = Colour.RED,
        level: Level | None = None,
        colour_or_text: Colour | str = "x",
        path: Path | None = None,
        path_or_text: Path | str = "x",
        pair: tuple[int, int] = (1, 2),
        some: tuple[int, ...] = (),
        names: set[str] = frozenset(),
        frozen: frozenset[int] = frozenset(),
        last: deque[int] | None = None,
        either: list[int] | tuple[int, int] = (),
        row: Sequence[int] = (),
        files: dict[str, list[Path]] | None = None,
        window: Window | None = None,
        options: Options | dict | None = None,
        many: list[Options] = (),
        when: datetime.date | None = None,
        label: str = "",
        weights: torch.Tensor | None = None,
        rate: float | torch.Tensor = 0.1,
        dtype: torch.dtype = torch.float32,
        array: np.ndarray | None = None,
        inner: "Takes | None" = None,
        opening: Window | Door | None = None,
        direction: Direction = Direction.UP,
        by_colour: dict[Colour, Path] | None = None,
        share: fractions.Fraction | None = None,
        pattern: re.Pattern | None = None,
        wave: complex = 0j,
        table: Table | None = None,
        box: Box | None = None,
        boxes: list[Box] = (),
    ):
        self.given = {key: value for key, value in locals().items() if key != "self"}


def make(*, pair: tuple[int, int], **more):
    return Takes(pair=pair, **more)


def join(*files: Path):
    return files
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    root = tmp_path_factory.mktemp("forms")
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "form_lab"\n')
    (root / "form_lab" / "config").mkdir(parents=True)
    (root / "form_lab" / "__init__.py").touch()
    (root / "form_lab" / "parts.py").write_text(_PARTS)
    project = find_project(root)
    before = [*sys.path]
    make_importable(project.import_paths)
    judge = TargetJudge.of_project(project, SignatureReader(project.import_paths))
    yield lambda target="Takes", **given: instantiate(
        {"_target_": f"form_lab.parts.{target}", **given}, "model", judge
    )
    sys.path[:] = before


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("colour_or_text", "red", "red"),
        ("path", "a/b", Path("a/b")),
        ("path", None, None),
        ("path_or_text", "a/b", "a/b"),
        ("pair", [3, 4], (3, 4)),
        ("some", [3], (3,)),
        ("names", ["a", "b"], {"a", "b"}),
        ("frozen", [1, 1], frozenset({1})),
        ("either", [3, 4], [3, 4]),
        ("row", [3, 4], [3, 4]),
        ("files", {"x": ["a", "b"]}, {"x": [Path("a"), Path("b")]}),
        ("when", "2024-02-29", datetime.date(2024, 2, 29)),
        ("label", "2024-02-29", "2024-02-29"),
        ("rate", 1, 1),
        ("dtype", "float16", torch.float16),
        ("dtype", "torch.int64", torch.int64),
        ("options", {"window": 1}, {"window": 1}),
        ("share", "1/3", Fraction(1, 3)),
        ("share", "a third", "a third"),
        ("pattern", "a+", re.compile("a+")),
        ("pattern", "(a", "(a"),
        ("wave", "1+2j", 1 + 2j),
        ("table", {"file": "a", "other": 1}, {"file": Path("a"), "other": 1}),
        ("box", [1, 2, 3], [1, 2, 3]),
        ("box", {"width": 2}, {"width": 2}),
        ("box", "a", "a"),
    ],
)
def test_a_value_arrives_in_the_declared_form(
    build: Callable[..., Any], name: str, written: Any, expected: Any
) -> None:
    """Text, lists and mappings become what the annotation names, and stay where it names them too."""
    given = build(**{name: written}).given[name]

    assert (expected, type(expected)) == (given, type(given))


def test_members_of_enumerations_arrive_by_name_and_by_value(build: Callable[..., Any]) -> None:
    """Either spelling gives the member itself."""
    by_name, by_value = build(colour="BLUE", level="LOW").given, build(colour="blue", level=1).given

    assert by_name["colour"] is by_value["colour"]
    assert ["BLUE", "LOW"] == [by_value[key].name for key in ("colour", "level")]


def test_member_whose_value_is_a_tuple_arrives_by_a_list(build: Callable[..., Any]) -> None:
    """YAML has no tuples, in which such a value is written."""
    assert "UP" == build(direction=[0, 1]).given["direction"].name


def test_keys_of_a_mapping_arrive_in_the_declared_form(build: Callable[..., Any]) -> None:
    """A mapping by members has members as its keys, however they are spelled."""
    found = build(by_colour={"RED": "a", "blue": "b"}).given["by_colour"]

    assert [("RED", Path("a")), ("BLUE", Path("b"))] == [(key.name, value) for key, value in found.items()]


def test_mapping_becomes_the_one_of_several_dataclasses_that_takes_it(build: Callable[..., Any]) -> None:
    """Its keys say which."""
    found = [build(opening=given).given["opening"] for given in ({"height": 1}, {"size": [1, 2]})]

    assert ["Door", "Window"] == [type(made).__name__ for made in found]


def test_items_of_the_rest_arrive_in_the_declared_form(build: Callable[..., Any]) -> None:
    """`*files: Path` makes each a path."""
    assert (Path("a"), Path("b")) == build("join", _args_=["a", "b"])


def test_a_mapping_becomes_the_dataclass_with_its_parts(build: Callable[..., Any]) -> None:
    """A dataclass is made of a mapping, wherever it stands, and its own fields arrive as they declare."""
    found = build(
        window={"size": [1, 2], "where": "x"}, many=[{"window": {"size": [3, 4]}, "colours": ["red"]}]
    ).given

    assert ("Window", (1, 2), Path("x")) == (
        type(found["window"]).__name__,
        found["window"].size,
        found["window"].where,
    )
    (options,) = found["many"]
    assert ((3, 4), ["RED"]) == (options.window.size, [colour.name for colour in options.colours])


def test_list_or_mapping_becomes_the_named_tuple_whose_fields_it_gives(build: Callable[..., Any]) -> None:
    """Each field as it declares, wherever the tuple stands."""
    found = build(box=["a", 2], boxes=[{"where": "b"}, ["c"]]).given
    made = [found["box"], *found["boxes"]]

    assert [("Box", Path(name), width) for name, width in (("a", 2), ("b", 1), ("c", 1))] == [
        (type(box).__name__, box.where, box.width) for box in made
    ]


def test_arrays_and_rows_of_other_kinds_are_made(build: Callable[..., Any]) -> None:
    """Numbers become a tensor or an array, where a number itself would not do."""
    found = build(weights=[1.0, 2.0], array=[[1, 2]], last=[1, 2]).given

    assert torch.equal(torch.tensor([1.0, 2.0]), found["weights"])
    assert np.array_equal(np.array([[1, 2]]), found["array"])
    assert "deque([1, 2])" == repr(found["last"])


def test_layer_of_torchs_gets_the_dtype_and_the_device_that_texts_name(build: Callable[..., Any]) -> None:
    """Its constructor annotates neither, and what makes its tensors takes no text."""
    layer = {"_target_": "torch.nn.Linear", "in_features": 1, "out_features": 1, "dtype": "float64"}
    made = build(inner={**layer, "device": "meta"}).given["inner"]

    assert (torch.float64, "meta") == (made.weight.dtype, made.weight.device.type)


def test_nested_positional_partial_and_handed_on_values_are_formed_too(build: Callable[..., Any]) -> None:
    """Whatever way a parameter is given, its value has the declared form."""
    nested = build(inner={"_target_": "form_lab.parts.Takes", "pair": [5, 6]}).given["inner"]
    positional = build(_args_=["blue"])
    partial = build(_partial_=True, pair=[5, 6])()
    handed_on = build("make", pair=[5, 6], some=[7])

    assert [(5, 6)] * 3 == [made.given["pair"] for made in (nested, partial, handed_on)]
    assert "BLUE" == positional.given["colour"].name
    assert (7,) == handed_on.given["some"]


def test_what_other_code_instantiates_is_left_as_it_is(build: Callable[..., Any]) -> None:
    """Below `_recursive_: false` a node arrives as it is written."""
    found = build(_recursive_=False, inner={"_target_": "form_lab.parts.Takes", "pair": [5, 6]}).given[
        "inner"
    ]

    assert [5, 6] == found["pair"]
