"""Value types as JSON and back, for the cache: a leaf is a word, any other type a list that starts with one."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from serotiny.targets.value_types import types as t

# `Any` here is JSON of the shape that `type_to_json` writes

_LEAVES: MappingProxyType[str, t.ValueType] = MappingProxyType(
    {
        "any": t.ANY,
        "none": t.NONE,
        "bool": t.BOOL,
        "int": t.INT,
        "float": t.FLOAT,
        "str": t.STR,
        "bytes": t.BYTES,
        "path": t.PATH,
        "callable": t.CALLABLE,
    }
)
_WORDS = MappingProxyType({leaf: word for word, leaf in _LEAVES.items()})


def type_to_json(value_type: t.ValueType) -> Any:
    """A type as plain JSON data."""
    match value_type:
        case t.LiteralType(values):
            return ["literal", *values]
        case t.EnumType(path, names, values, closed):
            return ["enum", path, list(names), list(values), closed]
        case t.ListType(item, made):
            return ["list", type_to_json(item), *([] if made is t.Made.LIST else [made.value])]
        case t.TupleType(items):
            return ["tuple", *(type_to_json(item) for item in items)]
        case t.MappingType(key, value):
            return ["mapping", type_to_json(key), type_to_json(value)]
        case t.UnionType(members):
            return ["union", *(type_to_json(member) for member in members)]
        case t.ClassType(of):
            return ["class", of]
        case t.InstanceOf(path, written):
            return ["instance", path, written.value]
        case t.ParsedType(of):
            return ["parsed", type_to_json(of)]
        case _:
            return _WORDS[value_type]


def type_from_json(data: Any) -> t.ValueType:
    """The type that `type_to_json` wrote.

    Raises:
        ValueError, KeyError, TypeError, IndexError: the data is not of that shape (a damaged cache).
    """
    if isinstance(data, str):
        return _LEAVES[data]
    word, *rest = data
    match word:
        case "union":
            return t.UnionType(tuple(map(type_from_json, rest)))
        case "list":
            return t.ListType(type_from_json(rest[0]), t.Made(rest[1]) if len(rest) > 1 else t.Made.LIST)
        case "literal":
            return t.LiteralType(tuple(rest))
        case "instance":
            return t.InstanceOf(rest[0], t.Written(rest[1]))
        case "tuple":
            return t.TupleType(tuple(map(type_from_json, rest)))
        case "mapping":
            return t.MappingType(type_from_json(rest[0]), type_from_json(rest[1]))
        case "enum":
            return t.EnumType(rest[0], tuple(rest[1]), tuple(rest[2]), rest[3])
        case "class":
            return t.ClassType(rest[0])
        case "parsed":
            return t.ParsedType(type_from_json(rest[0]))
        case _:
            raise ValueError(f"unknown type word {word!r}")
