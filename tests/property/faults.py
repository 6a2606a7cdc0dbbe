"""Kinds of faults, the codes that must report them, and wrong values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from serotiny.targets import ValueType
from serotiny.targets.value_types.types import (
    BoolType,
    CallableType,
    ClassType,
    EnumType,
    FloatType,
    InstanceOf,
    IntType,
    ListType,
    LiteralType,
    MappingType,
    NoneType,
    PathType,
    StrType,
    TupleType,
    Written,
    parts,
)


class Kind(StrEnum):
    """The kind of change to a project."""

    KEY = "misspelt key"
    DROPPED = "dropped required key"
    TYPE = "wrong type"
    CHOICE = "wrong choice"
    TARGET = "misspelt target"
    OTHER = "target of another kind"
    INTERPOLATION = "broken interpolation"
    OPTION = "misspelt option"


CODES: Mapping[Kind, frozenset[str]] = {
    Kind.KEY: frozenset({"SER301", "SER308"}),
    Kind.DROPPED: frozenset({"SER302"}),
    Kind.TYPE: frozenset({"SER303"}),
    Kind.CHOICE: frozenset({"SER304"}),
    Kind.TARGET: frozenset({"SER305"}),
    Kind.OTHER: frozenset({"SER306"}),
    Kind.INTERPOLATION: frozenset({"SER201"}),
    Kind.OPTION: frozenset({"SER104"}),
}


def misspell(word: str) -> tuple[str, ...]:
    """The last letter doubled, and two letters in the middle swapped where they differ."""
    middle = len(word) // 2
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return tuple({word + word[-1]: None} | ({swapped: None} if len(word) > 2 and swapped != word else {}))


_SAMPLES = {"text": "wrongg", "bool": "true", "float": "1.5", "list": "[wrongg]", "mapping": "{wrongg: 1}"}
"""A value of each kind in YAML, except null and integers."""


def wrong_values(value_type: ValueType) -> list[tuple[Kind, frozenset[str], str]]:
    """Values that a type certainly refuses, with the codes for them; empty for a type that may accept anything."""
    accepted: set[str] = set()
    members = parts(value_type)
    for part in members:
        more = _accepted(part)
        if more is None:
            return []
        accepted |= more
    choices = [part for part in members if isinstance(part, LiteralType | EnumType)]
    if choices and all(isinstance(part, LiteralType | EnumType | NoneType) for part in members):
        return [(Kind.CHOICE, CODES[Kind.CHOICE], value) for value in ("wrongg", "1.5")]
    mixed = CODES[Kind.TYPE] | (CODES[Kind.CHOICE] if choices else frozenset())
    return [(Kind.TYPE, mixed, value) for kind, value in _SAMPLES.items() if kind not in accepted]


def _accepted(part: ValueType) -> set[str] | None:
    """The kinds of YAML values of which a type accepts some; None if that is not known."""
    match part:
        case NoneType() | IntType() | LiteralType():
            return set()
        case EnumType(closed=True):
            return set()
        case BoolType():
            return {"bool"}
        case FloatType():
            return {"float"}
        case StrType() | PathType():
            return {"text"}
        case ListType() | TupleType():
            return {"list"}
        case MappingType():
            return {"mapping"}
        case InstanceOf(written=Written.TARGET):
            return {"list", "mapping"}  # a mapping may be a nested target
        case CallableType() | ClassType():
            return {"list", "mapping", "text"}
        case _:
            return None
