"""Value types: the types of parameters, as a small algebra of frozen values.

They are not Python's own `typing` objects, because a type is read from source without importing the classes
that it names, is stored as JSON, and is translated for pydantic-core (`validation`) and into JSON Schema.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import chain
from typing import Final, TypeAlias

from serotiny.targets.value_types.frozen import Value
from serotiny.targets.value_types.words import scalar_text

Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "Scalar | list[Json] | dict[str, Json]"


class Deferred:
    """A value that is known only when the job runs (an interpolation, the product of a nested target).

    Every type accepts it. `text` is what was written, for messages.
    """

    __slots__ = ("text",)

    def __init__(self, text: str = "…") -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Deferred({self.text!r})"


class AnyType(Value):
    """Any value: the type is not known, or not restricted."""

    def __str__(self) -> str:
        return "anything"


class NoneType(Value):
    """`None`, in YAML `null`."""

    def __str__(self) -> str:
        return "null"


class BoolType(Value):
    """`true` or `false`; no number or text."""

    def __str__(self) -> str:
        return "bool"


class IntType(Value):
    """An integer; neither a bool nor `1.0`."""

    def __str__(self) -> str:
        return "int"


class FloatType(Value):
    """A number; also an int, but not a bool."""

    def __str__(self) -> str:
        return "float"


class StrType(Value):
    """Text."""

    def __str__(self) -> str:
        return "str"


class BytesType(Value):
    """Bytes, in YAML `!!binary`."""

    def __str__(self) -> str:
        return "bytes"


class PathType(Value):
    """A path in the file system, written as a string."""

    def __str__(self) -> str:
        return "path"


class LiteralType(Value):
    """One of several literals."""

    values: tuple[Scalar, ...]

    def _key(self) -> tuple[object, ...]:
        return typed(self.values)

    def __str__(self) -> str:
        return "one of " + ", ".join(_literal_text(value) for value in self.values)


class EnumType(Value):
    """A member of an enumeration, by its name or its value.

    `values` are those of the members whose value is a literal; if `closed`, no others are accepted.
    """

    path: str
    names: tuple[str, ...]
    values: tuple[Scalar, ...] = ()
    closed: bool = True

    def _key(self) -> tuple[object, ...]:
        return (self.path, self.names, typed(self.values), self.closed)

    def only(self, name: str) -> EnumType:
        """The type of a single member; all of them where it is not known which value is whose."""
        if name not in self.names or len(self.names) != len(self.values):
            return self
        return EnumType(self.path, (name,), (self.values[self.names.index(name)],), self.closed)

    def with_members(self, other: EnumType) -> EnumType:
        """The type of the members of both, which are of the same enumeration."""
        return EnumType(
            self.path,
            tuple(dict.fromkeys((*self.names, *other.names))),
            tuple(value for _, value in dict.fromkeys(typed((*self.values, *other.values)))),
            self.closed and other.closed,
        )

    def __str__(self) -> str:
        return f"{self.path} ({', '.join(self.names)})"


class Made(StrEnum):
    """The Python type that a YAML list is converted to."""

    LIST = "list"
    TUPLE = "tuple"
    SET = "set"
    FROZENSET = "frozenset"
    DEQUE = "deque"


class ListType(Value):
    """A list, a set or another collection of values of one type, in YAML a list.

    `made` says which; it does not count when types are compared, since all are written alike.
    """

    item: ValueType
    made: Made = Made.LIST

    def _key(self) -> tuple[object, ...]:
        return (self.item,)

    def __str__(self) -> str:
        return "list" if self.item == ANY else f"list of {_enclosed(self.item)}"


class TupleType(Value):
    """A tuple of a fixed length, in YAML a list."""

    items: tuple[ValueType, ...]

    def __str__(self) -> str:
        return f"tuple of ({', '.join(str(item) for item in self.items)})"


class MappingType(Value):
    """A mapping of keys of one type to values of one type."""

    key: ValueType
    value: ValueType

    def __str__(self) -> str:
        if self.key == ANY and self.value == ANY:
            return "mapping"
        return f"mapping of {_enclosed(self.key)} to {_enclosed(self.value)}"


class UnionType(Value):
    """Any of its members. Made by `union`, which flattens and simplifies."""

    members: tuple[ValueType, ...]

    def __str__(self) -> str:
        return " or ".join(str(member) for member in self.members)


class CallableType(Value):
    """A function or class instance that is called: a nested target, most often with `_partial_: true`."""

    def __str__(self) -> str:
        return "callable"


class ClassType(Value):
    """A class itself, derived from `of` where that is known."""

    of: str | None = None

    def __str__(self) -> str:
        return f"class derived from {self.of}" if self.of else "class"


class Written(StrEnum):
    """What a config may write for an instance of a class, apart from a nested target."""

    TARGET = "target"
    """Only a nested target."""
    MAPPING = "mapping"
    """Also a plain mapping: Hydra passes on a node, which is used like the object (a dataclass, for instance)."""
    KEYS = "keys"
    """A mapping with the keys of a `TypedDict`: that is what an instance is."""
    FIELDS = "fields"
    """The fields of a named tuple: a list of them in order, or a mapping of them by name."""
    ANYTHING = "anything"
    """Anything: code usually converts it (`torch.device` from `"cpu"`), or the class is not fully known."""


class InstanceOf(Value):
    """An instance of a class, named by its canonical path."""

    path: str
    written: Written = Written.TARGET

    def __str__(self) -> str:
        return self.path


class ParsedType(Value):
    """What pydantic makes a value of another type of, when it is not strict: of `"1"` the int 1."""

    of: ValueType

    def __str__(self) -> str:
        return str(self.of)


ValueType: TypeAlias = (
    AnyType
    | NoneType
    | BoolType
    | IntType
    | FloatType
    | StrType
    | BytesType
    | PathType
    | LiteralType
    | EnumType
    | ListType
    | TupleType
    | MappingType
    | UnionType
    | CallableType
    | ClassType
    | InstanceOf
    | ParsedType
)

ANY: Final = AnyType()
NONE: Final = NoneType()
BOOL: Final = BoolType()
INT: Final = IntType()
FLOAT: Final = FloatType()
STR: Final = StrType()
BYTES: Final = BytesType()
PATH: Final = PathType()
CALLABLE: Final = CallableType()

_WRITTEN_TENSOR: Final = InstanceOf("torch.Tensor", Written.ANYTHING)
TENSOR: Final = InstanceOf("torch.Tensor")


def union(*members: ValueType) -> ValueType:
    """The union of types: flat, without duplicates, and `ANY` when one of them is `ANY`."""
    flat: dict[ValueType, None] = {}
    choices: dict[tuple[type, Scalar], None] = {}
    for member in chain.from_iterable(map(parts, members)):
        if isinstance(member, LiteralType):
            choices.update(dict.fromkeys(typed(member.values)))
        else:
            flat[member] = None
    if choices:
        flat[LiteralType(tuple(value for _, value in choices))] = None
    if ANY in flat or not flat:
        return ANY
    if INT in flat or FLOAT in flat:  # a plain number is then a number, and a tensor needs a nested target
        flat = {TENSOR if member == _WRITTEN_TENSOR else member: None for member in flat}
    # null reads best at the end
    ordered = sorted(flat, key=lambda member: member == NONE)
    return ordered[0] if len(ordered) == 1 else UnionType(tuple(ordered))


def parts(value_type: ValueType) -> tuple[ValueType, ...]:
    """The members of a union, or the type alone."""
    return value_type.members if isinstance(value_type, UnionType) else (value_type,)


def inner_type(value_type: ValueType, step: object) -> ValueType:
    """The type of a part of a value: of an item of a list, by its index, or of a value of a mapping."""
    found: list[ValueType] = []
    for part in parts(value_type):
        match part:
            case ListType(item) if isinstance(step, int):
                found.append(item)
            case TupleType(items) if isinstance(step, int) and step < len(items):
                found.append(items[step])
            case MappingType(_, value):
                found.append(value)
            case _:
                pass
    return union(*found) if found else ANY


def instance_paths(value_type: ValueType) -> tuple[str, ...]:
    """The canonical paths of the classes whose instances a type takes."""
    return tuple(part.path for part in parts(value_type) if isinstance(part, InstanceOf))


def typed(values: tuple[Scalar, ...]) -> tuple[tuple[type, Scalar], ...]:
    """Values with their types, since `1 == True == 1.0` in Python but not in YAML."""
    return tuple((type(value), value) for value in values)


def _enclosed(value_type: ValueType) -> str:
    return f"({value_type})" if isinstance(value_type, UnionType) else str(value_type)


def _literal_text(value: Scalar) -> str:
    return f'"{value}"' if isinstance(value, str) else scalar_text(value)
