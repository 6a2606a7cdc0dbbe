"""Whether code that does not enforce its annotations is likely to handle a value of another type."""

from __future__ import annotations

from typing import Any, Final

from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.types import Deferred
from serotiny.targets.value_types.validation import accepts

_SCALARS = (str, int, float, bool, type(None))


def may_take(value_type: t.ValueType, value: Any) -> bool:
    """Whether a value differs from the annotated type only in ways that occur in working projects.

    These are: null; a single value for a list and the reverse; a mapping of names to values for a list; a
    mapping of values for a mapping of such mappings, and the reverse, also a list of mappings for one; another kind of number; a number for text; any scalar for
    a boolean; another text for a choice; the text `None` where a mapping or list may be null. Never accepted are text that is not a number for a number, and a plain
    value for an object.
    """
    if accepts(value_type, value) or value is None:
        return True
    match value_type:
        case t.UnionType(members):
            is_row = any(isinstance(member, t.MappingType | t.ListType) for member in members)
            is_none = value == "None" and is_row and t.NONE in members
            return is_none or any(may_take(member, value) for member in members)
        case t.MappingType(value=inner):
            return isinstance(value, dict | list) and (
                _each(inner, value) or _is_flatter(inner, value) or _is_deeper(inner, value)
            )
        case t.InstanceOf(written=t.Written.KEYS):
            return isinstance(value, dict | list)
        case t.InstanceOf(written=t.Written.FIELDS):
            return True
        case t.ListType(item):
            return _each(item, value)
        case t.TupleType(items):
            return _each(t.union(*items), value)
    if isinstance(value, list):
        return _each(value_type, value)
    match value_type:
        case t.BoolType() | t.StrType() | t.PathType() | t.BytesType():
            return isinstance(value, _SCALARS)
        case t.IntType() | t.FloatType():
            return isinstance(value, int | float) or reads_as_number(value)
        case t.LiteralType(values):
            return isinstance(value, str) and any(isinstance(choice, str) for choice in values)
        case t.CallableType() | t.InstanceOf() | t.ClassType():
            return isinstance(value, dict) and _holds_products(value) and _each(value_type, value)
        case _:
            return False


def _is_flatter(inner: t.ValueType, value: Any) -> bool:
    """Whether a mapping of values stands for a mapping of such mappings; no value may be text for a number."""
    return isinstance(inner, t.MappingType) and isinstance(value, dict) and _each(inner.value, value)


def _is_deeper(inner: t.ValueType, value: Any) -> bool:
    """Whether a mapping of mappings, or a list of them, stands for a mapping of such values."""
    items = value.values() if isinstance(value, dict) else value
    return bool(items) and all(
        isinstance(item, dict) and not _is_product(item) and _each(inner, item) for item in items
    )


def _each(value_type: t.ValueType, value: Any) -> bool:
    """Whether `may_take` holds for each item of a list or mapping, or for a single value."""
    if isinstance(value, dict) and not _is_product(value):
        return all(may_take(value_type, item) for item in value.values())
    if isinstance(value, list):
        return all(may_take(value_type, item) for item in value)
    return may_take(value_type, value)


def _holds_products(value: dict[Any, Any]) -> bool:
    """Whether a mapping holds objects by name rather than the parameters of a single one."""
    return not value or any(_is_product(item) or isinstance(item, dict | list) for item in value.values())


def _is_product(value: Any) -> bool:
    return isinstance(value, Deferred) or (isinstance(value, dict) and "_target_" in value)


def reads_as_number(value: Any) -> bool:
    """Whether `float` accepts a value."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def stands_for_bool(value: Any) -> bool:
    """Whether a value that is no bool is as true as one wherever only its truth is asked for: null, 0 or 1."""
    return value is None or (type(value) is int and value in (0, 1))


_WORDS_OF_SWITCHES: Final = frozenset(
    {"", "0", "1", "f", "false", "n", "no", "none", "null", "off", "on", "t", "true", "y", "yes"}
)


def is_merely_true(value: Any) -> bool:
    """Whether a value is a text that means neither yes nor no, as `full`: true wherever only its truth is asked for."""
    return isinstance(value, str) and value.strip().lower() not in _WORDS_OF_SWITCHES
