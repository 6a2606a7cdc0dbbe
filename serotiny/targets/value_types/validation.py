"""Check plain values against value types, by a pydantic-core validator whose errors become faults."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.forms import FORMS
from serotiny.targets.value_types.parsing import parsed_schema
from serotiny.targets.value_types.types import Deferred, Written
from serotiny.targets.value_types.words import value_in_words

if TYPE_CHECKING:
    from pydantic_core import CoreSchema, SchemaValidator

    Step = str | int

# `Any` below is a config value: anything that YAML can hold

WRONG_TYPE: Final = "wrong_type"
NOT_IN_CHOICES: Final = "not_in_choices"
WRONG_LENGTH: Final = "wrong_length"

# pydantic's locations name the branch of a union; this mark tells such a step from a key
_BRANCH: Final = "\0branch"


class Fault(NamedTuple):
    """What is wrong with one value.

    Attributes:
        path: the keys and indices that lead from the value that was checked to the one at fault.
        kind: `wrong_type`, `not_in_choices` or `wrong_length`.
        expected: the type, in words.
        got: the value at fault, in words.
        choices: the possible texts, for a suggestion.
        is_of_key: whether it is the last step of `path`, the key of a mapping, that is at fault.
    """

    path: tuple[str | int, ...]
    kind: str
    expected: str
    got: str
    choices: tuple[str, ...] = ()
    is_of_key: bool = False


def check(value_type: t.ValueType, value: Any) -> tuple[Fault, ...]:
    """What is wrong with a plain value (a dict, list, str, int, float, bool or None, nested).

    A `Deferred` and a mapping with a `_target_` are of every type: their values are known only later.
    """
    return () if is_evident(value_type, value) else faults_of(value_type, value)


def faults_of(value_type: t.ValueType, value: Any) -> tuple[Fault, ...]:
    """As `check`, without the shortcut of `is_evident`."""
    from pydantic_core import ValidationError

    try:
        _validator(value_type).validate_python(_with_products_deferred(value))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        return tuple(_faults(value_type, [_Error(d["loc"], d["type"], d["input"]) for d in details], ()))
    return ()


def accepts(value_type: t.ValueType, value: Any) -> bool:
    """Whether a plain value is of a type."""
    return not check(value_type, value)


def is_evident(value_type: t.ValueType, value: Any) -> bool:
    """Whether a value is obviously of a type; False says nothing.

    Nearly all values of a config are correct, and importing pydantic-core takes a tenth of the time of a check, so
    it is used only for the values that are left.
    """
    if isinstance(value, Deferred) or (type(value) is dict and "_target_" in value):
        return True
    match value_type:
        case t.AnyType():
            return True
        case t.NoneType():
            return value is None
        case t.BoolType():
            return type(value) is bool
        case t.IntType():
            return type(value) is int
        case t.FloatType():
            return type(value) in (float, int)
        case t.StrType() | t.PathType():
            return type(value) is str and value.isascii()
        case t.LiteralType(values):
            return type(value) in (str, int, float, bool) and (type(value), value) in t.typed(values)
        case t.ListType(item):
            return type(value) is list and all(is_evident(item, part) for part in value)
        case t.TupleType(items):
            return (
                type(value) is list
                and len(value) == len(items)
                and all(is_evident(item, part) for item, part in zip(items, value, strict=True))
            )
        case t.MappingType(key, item):
            return type(value) is dict and all(
                is_evident(key, name) and is_evident(item, part) for name, part in value.items()
            )
        case t.UnionType(members):
            return any(is_evident(member, value) for member in members)
        case t.InstanceOf(written=Written.KEYS):
            return type(value) is dict
        case t.InstanceOf(written=Written.FIELDS):
            return type(value) in (dict, list)
        case t.InstanceOf(path, Written.ANYTHING):
            return path not in FORMS or is_evident(FORMS[path], value)
        case t.ParsedType(of):
            return not isinstance(of, t.InstanceOf) and is_evident(of, value)
        case _:
            return False


def core_schema(value_type: t.ValueType) -> CoreSchema:
    """The type as a pydantic-core schema; strict, since YAML already distinguishes `"10"` from `10`."""
    from pydantic_core import core_schema as s

    match value_type:
        case t.NoneType():
            return s.none_schema()
        case t.BoolType():
            return s.bool_schema(strict=True)
        case t.IntType():
            return s.int_schema(strict=True)
        case t.FloatType():
            return s.float_schema(strict=True)
        case t.StrType():
            return s.str_schema(strict=True)
        case t.BytesType():
            return s.bytes_schema(strict=True)
        case t.PathType():
            return s.str_schema(strict=True)
        case t.LiteralType(values):
            return _one_of(values)
        case t.EnumType(_, names, values, closed):
            return _one_of((*names, *values)) if closed else s.any_schema()
        case t.ListType(item):
            return s.list_schema(core_schema(item), strict=True)
        case t.TupleType(items):
            # not strict: YAML has only lists
            return s.tuple_schema([core_schema(item) for item in items])
        case t.MappingType(key, value):
            return s.dict_schema(core_schema(key), core_schema(value), strict=True)
        case t.UnionType(members):
            branches: list[CoreSchema | tuple[CoreSchema, str]] = [
                (core_schema(member), f"{_BRANCH}{index}") for index, member in enumerate(members)
            ]
            return s.union_schema(branches, mode="left_to_right")
        case t.ParsedType(of):
            return parsed_schema(of)
        case t.InstanceOf(path, Written.ANYTHING) if path in FORMS:
            return _of_form(FORMS[path])
        case t.InstanceOf(written=Written.MAPPING | Written.KEYS):
            return s.dict_schema(strict=True)
        case t.InstanceOf(written=Written.FIELDS):
            return _of_form(_LIST_OR_MAPPING)
        case t.InstanceOf(written=Written.TARGET) | t.CallableType() | t.ClassType():
            # nothing that YAML can hold is an object; a nested target is a `Deferred` here
            return s.is_instance_schema(Deferred)
        case _:
            return s.any_schema()


def _one_of(values: tuple[t.Scalar, ...]) -> CoreSchema:
    """Like pydantic-core's own literal, but `1`, `1.0` and `true` are three values."""
    from pydantic_core import PydanticCustomError
    from pydantic_core import core_schema as s

    allowed = frozenset(t.typed(values))

    def check_choice(value: Any) -> Any:
        if isinstance(value, str | int | float | None) and (type(value), value) in allowed:
            return value
        raise PydanticCustomError("not_one_of", "none of the values")

    return s.no_info_plain_validator_function(check_choice)


def _of_form(form: t.ValueType) -> CoreSchema:
    """The plain value that is written for an object; a fault in any part of it is one of the whole."""
    from pydantic_core import PydanticCustomError
    from pydantic_core import core_schema as s

    def check_form(value: Any) -> Any:
        if isinstance(value, Deferred) or accepts(form, value):
            return value
        raise PydanticCustomError("not_of_form", "not what is written for one")

    return s.no_info_plain_validator_function(check_form)


_LIST_OR_MAPPING: Final = t.union(t.ListType(t.ANY), t.MappingType(t.ANY, t.ANY))


@lru_cache(maxsize=2048)
def _validator(value_type: t.ValueType) -> SchemaValidator:
    from pydantic_core import SchemaValidator

    return SchemaValidator(core_schema(value_type))


def _with_products_deferred(value: Any) -> Any:
    if isinstance(value, dict):
        if "_target_" in value:
            return Deferred("_target_")
        return {key: _with_products_deferred(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_products_deferred(item) for item in value]
    return value


class _Error(NamedTuple):
    """An error of pydantic-core: its location in the value, its type, and the value found there."""

    loc: tuple[Step, ...]
    type: str
    found: Any

    def inside(self) -> _Error:
        return self._replace(loc=self.loc[1:])


def _faults(value_type: t.ValueType, errors: list[_Error], path: tuple[Step, ...]) -> list[Fault]:
    errors = [error for error in errors if not isinstance(error.found, Deferred)]
    if not errors:
        return []
    if isinstance(value_type, t.UnionType):
        return _union_faults(value_type, errors, path)
    for error in errors:
        if isinstance(value_type, t.TupleType) and error.type in ("missing", "too_long"):
            return [Fault(path, WRONG_LENGTH, str(value_type), value_in_words(error.found))]
        if not error.loc:
            return [_fault(value_type, error.found, path)]
    faults: list[Fault] = []
    for step in dict.fromkeys(error.loc[0] for error in errors):
        inner = [error.inside() for error in errors if error.loc[0] == step]
        if isinstance(value_type, t.MappingType) and any(error.loc[:1] == ("[key]",) for error in inner):
            faults.append(_fault(value_type.key, step, (*path, step))._replace(is_of_key=True))
            inner = [error for error in inner if error.loc[:1] != ("[key]",)]
        faults += _faults(t.inner_type(value_type, step), inner, (*path, step))
    return faults


def _union_faults(value_type: t.UnionType, errors: list[_Error], path: tuple[Step, ...]) -> list[Fault]:
    """The faults of the branch that was probably meant: the one with the fewest faults, all inside the value."""
    branches: list[list[Fault]] = []
    for index, member in enumerate(value_type.members):
        label = f"{_BRANCH}{index}"
        inner = [error.inside() for error in errors if error.loc[0] == label]
        faults = _faults(member, inner, path)
        if not faults:
            return []
        branches.append(faults)
    deep = [faults for faults in branches if all(len(fault.path) > len(path) for fault in faults)]
    least = min((len(faults) for faults in deep), default=0)
    closest = [faults for faults in deep if len(faults) == least]
    if len(closest) == 1:
        return closest[0]
    own = [faults[0] for faults in branches if faults not in deep]
    choices = tuple(choice for fault in own for choice in fault.choices)
    whole = deep[0][0] if deep else own[0]
    got = whole.got if not deep else own[0].got if own else _container(whole.path[len(path)])
    is_choice = bool(choices) and got.startswith('"')
    return [
        Fault(
            path,
            NOT_IN_CHOICES if is_choice else WRONG_TYPE,
            expected=str(value_type),
            got=got,
            choices=choices,
        )
    ]


def _container(step: Step) -> str:
    """The container of a part at `step`, in words."""
    return "a mapping" if isinstance(step, str) else "a list"


def _fault(value_type: t.ValueType, value: Any, path: tuple[Step, ...]) -> Fault:
    match value_type:
        case t.ParsedType(of):
            return _fault(of, value, path)
        case t.LiteralType(values):
            choices = tuple(str(choice) for choice in values if isinstance(choice, str))
            is_choice = any(type(choice) is type(value) for choice in values)
            kind = NOT_IN_CHOICES if is_choice else WRONG_TYPE
            return Fault(path, kind, expected=str(value_type), got=value_in_words(value), choices=choices)
        case t.EnumType(_, names, values):
            kind = NOT_IN_CHOICES if isinstance(value, str) else WRONG_TYPE
            choices = (*names, *(str(choice) for choice in values if isinstance(choice, str)))
            return Fault(
                path,
                kind,
                expected=str(value_type),
                got=value_in_words(value),
                choices=tuple(dict.fromkeys(choices)),
            )
        case t.InstanceOf() | t.CallableType() | t.ClassType() if isinstance(value, dict):
            return Fault(path, WRONG_TYPE, str(value_type), "a mapping without `_target_`")
        case _:
            return Fault(path, WRONG_TYPE, str(value_type), value_in_words(value))
