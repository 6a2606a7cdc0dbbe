"""The second projection of value types: a fragment of JSON Schema (draft-07), for editors."""

from __future__ import annotations

from typing import Any, Final

from serotiny.targets import types as t
from serotiny.targets.types import Written

# A JSON Schema is JSON data; `Any` below is that.
JsonSchema = dict[str, Any]

INTERPOLATION: Final[JsonSchema] = {"type": "string", "pattern": r"\$\{"}
"""A string that holds `${…}`, which may stand for a value of any type."""

TARGET: Final[JsonSchema] = {"type": "object", "required": ["_target_"]}
"""A nested target, whose product may be of any type."""


def json_schema(value_type: t.ValueType, *, deferred: bool = True) -> JsonSchema:
    """The type as JSON Schema.

    Args:
        value_type: the type.
        deferred: also allow what is known only later, at every place within: an interpolation, a nested target.
    """
    if not deferred:
        return _plain(value_type, deferred=False)
    alternatives = _alternatives(_plain(value_type, deferred=True))
    if any(alternative in ({}, True) for alternative in alternatives):
        return {}
    return {"anyOf": [*alternatives, TARGET, INTERPOLATION]}


def _alternatives(schema: JsonSchema) -> list[JsonSchema]:
    return schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]


def _plain(value_type: t.ValueType, *, deferred: bool) -> JsonSchema:
    match value_type:
        case t.NoneType():
            return {"type": "null"}
        case t.BoolType():
            return {"type": "boolean"}
        case t.IntType():
            return {"type": "integer"}
        case t.FloatType():
            # YAML's .inf and .nan have no JSON form; editors that read YAML pass them as numbers
            return {"type": "number"}
        case t.StrType() | t.BytesType() | t.PathType():
            return {"type": "string"}
        case t.LiteralType(values):
            return {"enum": list(values)}
        case t.EnumType(_, names, values, closed):
            return {"enum": [*dict.fromkeys((*names, *values))]} if closed else {}
        case t.ListType(item):
            inner = json_schema(item, deferred=deferred)
            return {"type": "array", "items": inner} if inner else {"type": "array"}
        case t.TupleType(items):
            inner_items = [json_schema(item, deferred=deferred) for item in items]
            return {"type": "array", "items": inner_items, "minItems": len(items), "maxItems": len(items)}
        case t.MappingType(key, value):
            return _mapping(key, value, deferred=deferred)
        case t.UnionType(members):
            return {"anyOf": [_plain(member, deferred=deferred) for member in members]}
        case t.InstanceOf(written=Written.MAPPING):
            return {"type": "object"}
        case t.InstanceOf(written=Written.TARGET) | t.CallableType() | t.ClassType():
            return TARGET
        case _:
            return {}


def _mapping(key: t.ValueType, value: t.ValueType, *, deferred: bool) -> JsonSchema:
    schema: JsonSchema = {"type": "object"}
    if inner := json_schema(value, deferred=deferred):
        schema["additionalProperties"] = inner
    choices = [value for part in t.parts(key) if isinstance(part, t.LiteralType) for value in part.values]
    if choices and all(isinstance(part, t.LiteralType) for part in t.parts(key)):
        schema["propertyNames"] = {"enum": [str(choice) for choice in choices]}
    return schema
