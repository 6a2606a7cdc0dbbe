"""Whether one type takes all values of another."""

from __future__ import annotations

from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.validation import accepts


def covers(value_type: t.ValueType, other: t.ValueType) -> bool:
    """Whether `value_type` takes every value of `other`; False also where that is not obvious."""
    if isinstance(other, t.LiteralType):
        return all(accepts(value_type, value) for value in other.values)
    match other:
        case t.ListType(t.AnyType()):
            return any(isinstance(part, t.ListType | t.TupleType) for part in t.parts(value_type))
        case t.MappingType(t.AnyType(), t.AnyType()):
            return any(isinstance(part, t.MappingType) for part in t.parts(value_type))
        case t.IntType():
            return bool({t.INT, t.FLOAT} & set(t.parts(value_type)))
        case t.UnionType(members):
            return any(member in t.parts(value_type) for member in members)
        case _:
            return other in t.parts(value_type)
