"""The two projections of a value type say the same, and types survive the way through JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from serotiny.json_schema.builder.targets import DocumentBuilder
from serotiny.json_schema.definitions import Definitions
from serotiny.targets import Deferred, accepts, check
from serotiny.targets.catalog.catalog import Target, TargetCatalog
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.codec import type_from_json, type_to_json
from serotiny.targets.value_types.validation import faults_of, is_evident

_words = st.sampled_from(["a", "b", "min", "max", "RED", ""])
# JSON Schema calls 1.0 an integer, and Python does not: halves are integers for neither
_halves = st.integers(-3, 3).map(lambda number: number + 0.5)
_scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), _halves, _words)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_words, inner, max_size=3)),
    max_leaves=8,
)

_leaves = st.sampled_from(
    [
        t.ANY,
        t.NONE,
        t.BOOL,
        t.INT,
        t.FLOAT,
        t.STR,
        t.PATH,
        t.CALLABLE,
        t.ClassType("torch.nn.Module"),
        t.InstanceOf("torch.nn.Module"),
        t.InstanceOf("study.Options", t.Written.MAPPING),
        t.InstanceOf("torch.device", t.Written.ANYTHING),
        t.EnumType("study.Color", ("RED", "BLUE"), ("a", 1)),
        t.EnumType("study.Color", ("RED", "BLUE"), (), closed=False),
    ]
)
_literals = st.lists(_scalars, min_size=1, max_size=3).map(lambda values: t.LiteralType(tuple(values)))
# keys of JSON are strings, and a schema can only say which
_keys = st.sampled_from([t.ANY, t.STR, t.LiteralType(("a", "b")), t.union(t.STR, t.INT)])
_types: st.SearchStrategy[t.ValueType] = st.recursive(
    st.one_of(_leaves, _literals),
    lambda inner: st.one_of(
        inner.map(t.ListType),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: t.TupleType(tuple(items))),
        st.tuples(_keys, inner).map(lambda pair: t.MappingType(*pair)),
        st.lists(inner, min_size=1, max_size=3).map(lambda members: t.union(*members)),
    ),
    max_leaves=6,
)


def _editor_schema(value_type: t.ValueType) -> dict[str, Any]:
    """The schema of a parameter of this type, as `serotiny schema export` writes it, where `study.make` is known."""
    definitions = Definitions()
    schema = DocumentBuilder(TargetCatalog((Target(("study.make",), (), None),)), definitions).value(
        value_type, "parameter"
    )
    return {**schema, "definitions": definitions.as_json()}


def _schema_accepts(schema: dict[str, Any], value: Any) -> bool:
    return bool(Draft7Validator(schema).is_valid(value))


@given(_types)
def test_json_schema_is_a_valid_one(value_type: t.ValueType) -> None:
    """The exported schema is draft-07."""
    Draft7Validator.check_schema(_editor_schema(value_type))


@given(_types, _values)
def test_exported_schema_is_never_stricter_than_the_validator(value_type: t.ValueType, value: Any) -> None:
    """What a check accepts, an editor does not underline."""
    if accepts(value_type, value):
        assert _schema_accepts(_editor_schema(value_type), value)


@given(_types)
def test_exported_schema_lets_what_is_known_later_stand_anywhere(value_type: t.ValueType) -> None:
    """An interpolation and a nested target are allowed for every type."""
    assert _schema_accepts(_editor_schema(value_type), "${data.width}")
    assert _schema_accepts(_editor_schema(value_type), {"_target_": "study.make", "width": 3})


@given(_types)
def test_type_survives_json(value_type: t.ValueType) -> None:
    """What the cache holds is the type that was written."""
    assert value_type == type_from_json(json.loads(json.dumps(type_to_json(value_type))))


def _places(value: Any) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = [()]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        found += [(step, *rest) for rest in _places(inner)]
    return found


def _with(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    step, *rest = path
    if isinstance(value, dict):
        return {**value, step: _with(value[step], tuple(rest), new)}
    return [_with(item, tuple(rest), new) if index == step else item for index, item in enumerate(value)]


def _mended(value: Any, path: tuple[str | int, ...]) -> Any:
    """A wrong entry of a mapping is left out, since its key may be what is wrong."""
    match path:
        case (str() as key,):
            return {name: item for name, item in value.items() if name != key}
        case (step, *_) if isinstance(value, dict) and step not in value:
            return value  # left out already
        case (step, *rest):
            return _with(value, (step,), _mended(value[step], tuple(rest)))
        case _:
            return Deferred()


@given(_types, _values)
def test_every_fault_lies_within_the_value(value_type: t.ValueType, value: Any) -> None:
    """A fault's path leads to a place that exists, so that it can be pointed at."""
    places = set(_places(value))
    assert all(fault.path in places for fault in check(value_type, value))


@given(_types, _values, st.data())
def test_deferring_a_part_makes_no_new_fault(
    value_type: t.ValueType, value: Any, data: st.DataObject
) -> None:
    """A value that is of a type stays so when a part of it becomes known only later."""
    if accepts(value_type, value):
        place = data.draw(st.sampled_from(_places(value)))
        assert accepts(value_type, _with(value, place, Deferred()))


@given(_types, _values)
def test_deferring_every_place_at_fault_leaves_no_fault(value_type: t.ValueType, value: Any) -> None:
    """The places that are reported are the ones that are wrong."""
    for fault in check(value_type, value):
        value = _mended(value, fault.path)
    assert accepts(value_type, value)


@given(st.lists(_types, min_size=1, max_size=4), _values)
def test_union_accepts_what_one_of_its_members_does(members: list[t.ValueType], value: Any) -> None:
    """Flattening and joining literals changes nothing."""
    assert accepts(t.union(*members), value) == any(accepts(member, value) for member in members)


@given(_types, st.integers(-3, 3))
def test_int_is_accepted_wherever_a_float_is(value_type: t.ValueType, number: int) -> None:
    """YAML writes `1` for `1.0`."""
    assert accepts(t.union(value_type, t.FLOAT), number)


@given(_types, _values)
def test_what_is_evident_is_valid(value_type: t.ValueType, value: Any) -> None:
    """What is let through without asking pydantic-core is what pydantic-core lets through."""
    if is_evident(value_type, value):
        assert () == faults_of(value_type, value)
