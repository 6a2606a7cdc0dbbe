"""The kind of a class (enumeration, dataclass, protocol, …), and the value type of its instances."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned, Branch, Defined
from serotiny.targets.names.symbols import constant
from serotiny.targets.signatures.known_types import KNOWN_TYPES
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol

_ENUM_BASES: Final = frozenset(
    f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum")
)
_PLAIN_BASES: Final = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing_extensions.Generic"})

PYDANTIC_DATACLASS: Final = "pydantic.dataclasses.dataclass"
DATACLASS_DECORATORS: Final = frozenset({"dataclasses.dataclass", PYDANTIC_DATACLASS})
ATTRS_DECORATORS: Final = frozenset(
    f"{module}.{name}"
    for module, names in {
        "attr": ("s", "attrs", "attributes", "define", "mutable", "frozen", "dataclass"),
        "attrs": ("define", "mutable", "frozen"),
    }.items()
    for name in names
)
TYPED_DICTS: Final = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
_NAMED_TUPLES: Final = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})
MODEL_BASES: Final = frozenset({"pydantic.main.BaseModel", "pydantic.BaseModel"})
SETTINGS_BASES: Final = frozenset({"pydantic_settings.main.BaseSettings", "pydantic_settings.BaseSettings"})

ENUMERATIONS: Final = frozenset(f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum"))
"""The classes that make one of a name and the members: `Enum("Colour", "RED BLUE")`."""


_FLAGS: Final = frozenset({"enum.Flag", "enum.IntFlag"})


def class_type(symbol: ClassSymbol, resolver: NameResolver) -> t.ValueType:
    """The type of a parameter that is annotated with a class."""
    line = resolver.linearise(symbol)
    paths = set(line.paths)
    if paths & _ENUM_BASES:
        return enum_type(symbol, resolver)
    if paths & TYPED_DICTS:
        return t.InstanceOf(symbol.path, t.Written.KEYS) if line.certain else t.MappingType(t.STR, t.ANY)
    if paths & {"typing.Protocol", "typing_extensions.Protocol"}:
        is_callback = any("__call__" in base.scope.names for base in line.classes)
        return t.CALLABLE if is_callback else t.InstanceOf(symbol.path, t.Written.ANYTHING)
    instance = t.InstanceOf(symbol.path, _written(symbol, resolver))
    constants = _constants(symbol)
    return t.union(t.LiteralType(constants), instance) if constants else instance


def _constants(symbol: ClassSymbol) -> tuple[t.Scalar, ...]:
    """What a class of constants alone names: `class Mode: MIN = "min"; MAX = "max"`, of which each stands for itself."""
    bound = {name: bindings[-1] for name, bindings in symbol.scope.names.items() if not name.startswith("__")}
    values = [constant(item.value) if isinstance(item, Assigned) else None for item in bound.values()]
    is_written_so = all(name.isupper() for name in bound)
    found = tuple(value for value in values if isinstance(value, str | int | float))
    return found if is_written_so and len(found) == len(bound) else ()


def enum_type(symbol: ClassSymbol, resolver: NameResolver) -> t.ValueType:
    """The members of an enumeration; a computed value makes it not `closed`."""
    names: list[str] = []
    values: list[t.Scalar] = []
    closed = True
    line = resolver.linearise(symbol)
    for base in reversed(line.classes):
        for name, bindings in base.scope.names.items():
            binding = bindings[-1]
            if name.startswith("_") or not isinstance(binding, Assigned) or binding.value is None:
                continue
            names.append(name)
            try:
                value = ast.literal_eval(binding.value)
            except ValueError:
                value = _automatic(name, binding.value, values, set(line.paths))
            if isinstance(value, str | int | float | bool | None):
                values.append(value)
            else:
                closed = False
    # these may accept more than the members, for instance any case of their letters, or several flags as one number
    closed &= not set(line.paths) & _FLAGS and not any(
        {"_missing_", "__new__", "__eq__", "from_str"} & base.scope.names.keys() for base in line.classes
    )
    if not names or not line.certain:
        return t.InstanceOf(symbol.path, t.Written.ANYTHING)
    return t.EnumType(symbol.path, tuple(names), tuple(values), closed)


def _automatic(name: str, value: ast.expr, before: list[t.Scalar], paths: set[str]) -> object:
    """The value that `auto()` gets; for any other expression the expression itself, which is no scalar."""
    if not ast.unparse(value).endswith("auto()") or paths & _FLAGS:
        return value
    if "enum.StrEnum" in paths:
        return name.lower()
    return max((number for number in before if isinstance(number, int)), default=0) + 1


def decorator_paths(symbol: ClassSymbol, resolver: NameResolver) -> list[tuple[str, ast.expr]]:
    """Each decorator's path, canonical where it can be followed, with its expression."""
    found = []
    for decorator in symbol.node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        imported = resolver.imported_path(symbol.module, symbol.outer, called)
        if imported is None or imported not in DATACLASS_DECORATORS | ATTRS_DECORATORS:
            imported = resolver.expression(symbol.module, symbol.outer, called).path
        found.append((imported, decorator))
    return found


def _written(symbol: ClassSymbol, resolver: NameResolver) -> t.Written:
    line = resolver.linearise(symbol)
    if line.certain and not _NAMED_TUPLES.isdisjoint(line.paths):
        return t.Written.FIELDS
    if not line.certain or any(_is_builtin_value(path) for path in line.paths):
        return t.Written.ANYTHING
    if any(path in KNOWN_TYPES for path in line.paths):
        return t.Written.ANYTHING
    if MODEL_BASES & set(line.paths):
        return t.Written.MAPPING
    for base in line.classes:
        if any(
            path in DATACLASS_DECORATORS | ATTRS_DECORATORS for path, _ in decorator_paths(base, resolver)
        ):
            return t.Written.MAPPING
    return t.Written.TARGET


def _is_builtin_value(path: str) -> bool:
    return path.startswith("builtins.") and path not in _PLAIN_BASES


def binds_value(symbol: ClassSymbol, name: str) -> bool:
    """Whether a class body itself defines a function or value of this name."""
    return any(
        isinstance(binding, Defined) or (isinstance(binding, Assigned) and binding.value is not None)
        for binding in symbol.scope.names.get(name, ())
        # code under TYPE_CHECKING does not run
        if binding.branch is not Branch.TYPE_CHECKING
    )


def called_enum(path: str, call: ast.Call, made: str) -> t.EnumType | None:
    """The members of an enumeration that a call of `made` gives; None where they are not written out."""
    options = {keyword.arg: constant(keyword.value) for keyword in call.keywords}
    start = options.get("start", 1)
    if len(call.args) != 2 or options.keys() - {"start", "module", "qualname"} or not isinstance(start, int):
        return None
    members = _members(call.args[1])
    if members is None:
        return None
    names = [name for name, _ in members]
    counted: list[t.Scalar] = [
        name.lower() if made == "enum.StrEnum" else start + index for index, name in enumerate(names)
    ]
    values = (
        counted if all(value is None for _, value in members) else [constant(value) for _, value in members]
    )
    plain = [value for value in values if isinstance(value, str | int | float | bool)]
    return t.EnumType(path, tuple(names), tuple(plain), closed=len(plain) == len(names)) if names else None


def _members(expression: ast.expr) -> list[tuple[str, ast.expr | None]] | None:
    match expression:
        case ast.Dict(keys=keys, values=values):
            found = [constant(key) for key in keys]
            if not all(isinstance(name, str) for name in found):
                return None
            return [(str(name), value) for name, value in zip(found, values, strict=True)]
        case _:
            return field_names(expression)


def field_names(expression: ast.expr) -> list[tuple[str, ast.expr | None]] | None:
    """The names of the fields, each with its annotation if it has one."""
    match expression:
        case ast.Constant(value=str(text)):
            return [(name, None) for name in text.replace(",", " ").split()]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            found = [_field(item) for item in items]
            return [field for field in found if field is not None] if None not in found else None
        case _:
            return None


def _field(item: ast.expr) -> tuple[str, ast.expr | None] | None:
    match item:
        case ast.Constant(value=str(name)):
            return name, None
        case ast.Tuple(elts=[ast.Constant(value=str(name)), annotation]):
            return name, annotation
        case _:
            return None
