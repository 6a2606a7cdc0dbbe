"""Read annotations in source as value types."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import ClassSymbol, OpaqueSymbol, ValueSymbol
from serotiny.targets.signatures.class_kinds import ENUMERATIONS, called_enum, class_type
from serotiny.targets.signatures.known_types import (
    ITERABLES,
    KNOWN_TYPES,
    LISTS,
    LOOSE,
    MAPPINGS,
    SEQUENCES,
    TUPLES,
    WRAPPERS,
    made_of,
)
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serotiny.targets.modules.module import Module
    from serotiny.targets.modules.scope import Scope
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol

# levels of nesting and of aliases; a deeper one is more likely a recursive alias
_DEEPEST: Final = 24
# types and values in one annotation, each counted as often as an alias leads to it: aliases of aliases may double them
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Context:
    """The module and scopes in which the names of an annotation are looked up."""

    module: Module
    scopes: tuple[Scope, ...]
    type_variables: Mapping[str, t.ValueType] = field(default_factory=dict)
    depth: int = 0

    def deeper(self) -> Context:
        return replace(self, depth=self.depth + 1)


class AnnotationReader:
    """Reads annotations; what it does not understand is `ANY`."""

    def __init__(self, resolver: NameResolver) -> None:
        self._resolver = resolver
        self._read_so_far = 0

    def read(self, expression: ast.expr | None, context: Context) -> t.ValueType:
        """The type that an annotation states."""
        if context.depth == 0:
            self._read_so_far = 0
        self._read_so_far += 1
        if context.depth > _DEEPEST or self._read_so_far > _MOST:
            return t.ANY
        match expression:
            case ast.Constant(value=None):
                return t.NONE
            case ast.Constant(value=str(text)):
                return self._read_string(text, context)
            case ast.Name() | ast.Attribute():
                return self._read_name(expression, context)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return t.union(self.read(left, context.deeper()), self.read(right, context.deeper()))
            case ast.Subscript(value=value, slice=index):
                arguments = index.elts if isinstance(index, ast.Tuple) else [index]
                return self._read_generic(value, arguments, context)
            case _:
                return t.ANY

    def _read_string(self, text: str, context: Context) -> t.ValueType:
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return t.ANY
        return self.read(parsed, context.deeper())

    def _read_name(self, expression: ast.Name | ast.Attribute, context: Context) -> t.ValueType:
        if isinstance(expression, ast.Name) and expression.id in context.type_variables:
            return context.type_variables[expression.id]
        path = self._resolver.imported_path(context.module, context.scopes, expression)
        if path is not None and (known := self._known(path)) is not None:
            return known
        found = self._resolver.alternatives(context.module, context.scopes, expression)
        if _is_type_parameter(expression, found, context.module):
            return t.ANY
        return t.union(*(self._read_symbol(symbol, context) for symbol in found))

    def _read_symbol(self, symbol: Symbol, context: Context) -> t.ValueType:
        match symbol:
            case ClassSymbol():
                return self._known(symbol.path) or class_type(symbol, self._resolver)
            case ValueSymbol():
                return self._read_value(symbol, context)
            case OpaqueSymbol(path):
                known = self._known(path)
                if known is not None:
                    return known
                # without source the name has to do: classes begin with a capital (PEP 8)
                is_class = path.rpartition(".")[2].lstrip("_")[:1].isupper()
                is_special = path.startswith(("typing.", "typing_extensions.", "builtins."))
                return t.InstanceOf(path, t.Written.ANYTHING) if is_class and not is_special else t.ANY
            case _:
                return t.ANY

    def _read_value(self, symbol: ValueSymbol, context: Context) -> t.ValueType:
        """A type alias, a type variable or a new type."""
        inner = Context(symbol.module, symbol.outer, context.type_variables, context.depth + 1)
        if not isinstance(symbol.value, ast.Call):
            return self.read(symbol.value, inner)
        path = self._resolver.imported_path(symbol.module, symbol.outer, symbol.value.func)
        if path in ENUMERATIONS:
            return called_enum(symbol.path, symbol.value, path) or t.ANY
        match last_name(symbol.value.func):
            case "TypeVar":
                bounds = [keyword.value for keyword in symbol.value.keywords if keyword.arg == "bound"]
                return t.union(*(self.read(bound, inner) for bound in bounds or symbol.value.args[1:]))
            case "NewType" if len(symbol.value.args) > 1:
                return self.read(symbol.value.args[1], inner)
            case "TypedDict":
                return t.MappingType(t.STR, t.ANY)
            case _:
                return t.ANY

    def _read_generic(self, value: ast.expr, arguments: list[ast.expr], context: Context) -> t.ValueType:
        path = self._resolver.imported_path(context.module, context.scopes, value)
        if path is None or not _is_generic(path):
            symbol = self._symbol(value, context)
            if isinstance(symbol, ValueSymbol):
                return self._read_alias(symbol, arguments, context)
            if isinstance(symbol, ClassSymbol) and (made := _own_subscript(symbol)) is not None:
                is_type = _annotates_its_argument(made) and symbol.path not in LOOSE
                return (
                    self.read(arguments[0], context.deeper())
                    if is_type
                    else self._known(symbol.path) or t.ANY
                )
            if not isinstance(symbol, OpaqueSymbol):
                return self._read_symbol(symbol, context)
            path = symbol.path
        inner = context.deeper()
        name = path.rpartition(".")[2]
        if name == "Literal":
            return self._read_literal(arguments, inner)
        if name == "Optional":
            return t.union(self.read(arguments[0], inner), t.NONE)
        if name == "Union":
            return t.union(*(self.read(argument, inner) for argument in arguments))
        if path in WRAPPERS:
            return self.read(arguments[0], inner)
        if path in TUPLES:
            return self._read_tuple(arguments, inner)
        if path in ("builtins.type", "typing.Type"):
            return t.ClassType(next(iter(t.instance_paths(self.read(arguments[0], inner))), None))
        if path in MAPPINGS:
            types = [self.read(argument, inner) for argument in arguments]
            # `dict[Options]` lacks a type argument, and either could be meant
            return t.MappingType(types[0], types[1]) if len(types) == 2 else t.MappingType(t.ANY, t.ANY)
        row = self._read_row(path, arguments[0], inner)
        return row if row is not None else self._known(path) or t.ANY

    def _read_row(self, path: str, argument: ast.expr, context: Context) -> t.ValueType | None:
        if path not in LISTS | SEQUENCES | ITERABLES:
            return None
        return row_type(path, self.read(argument, context))

    def _read_tuple(self, arguments: list[ast.expr], context: Context) -> t.ValueType:
        is_variadic = len(arguments) == 2 and isinstance(arguments[1], ast.Constant)
        if is_variadic or len(arguments) == 1:
            # `Tuple[int]` is written for "some ints" far more often than for "exactly one"
            return t.ListType(self.read(arguments[0], context), t.Made.TUPLE)
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            return t.ListType(t.ANY, t.Made.TUPLE)
        return t.TupleType(tuple(self.read(argument, context) for argument in arguments))

    def _read_literal(self, arguments: list[ast.expr], context: Context) -> t.ValueType:
        self._read_so_far += len(arguments)
        if self._read_so_far > _MOST:
            return t.ANY
        values: list[t.Scalar] = []
        others: list[t.ValueType] = []
        for argument in arguments:
            try:
                value = ast.literal_eval(argument)
            except ValueError:
                others.append(self._read_member(argument, context))
                continue
            if not isinstance(value, str | int | float | bool | None):
                return t.ANY
            values.append(value)
        literal = [t.LiteralType(tuple(values))] if values else []
        return t.union(*literal, *_joined(others))

    def _read_member(self, argument: ast.expr, context: Context) -> t.ValueType:
        """A member of an enumeration, or an alias of another `Literal`."""
        owner = argument.value if isinstance(argument, ast.Attribute) else argument
        match self.read(owner, context):
            case t.EnumType() as found if isinstance(argument, ast.Attribute):
                return found.only(argument.attr)
            case t.EnumType() | t.LiteralType() as found:
                return found
            case _:
                return t.ANY

    def _read_alias(self, symbol: ValueSymbol, arguments: list[ast.expr], context: Context) -> t.ValueType:
        """A generic alias with its type variables filled in."""
        alias = Context(symbol.module, symbol.outer, {}, context.depth + 1)
        variables = self._type_variables(symbol.value, alias)
        types = [self.read(argument, context.deeper()) for argument in arguments]
        filled = dict(zip(variables, types, strict=False))
        return self.read(symbol.value, replace(alias, type_variables=filled))

    def _type_variables(self, expression: ast.expr, context: Context) -> list[str]:
        """The names of the type variables in an alias, in the order of their appearance."""
        names: dict[str, None] = {}
        for node in ast.walk(expression):
            if not isinstance(node, ast.Name) or node.id in names:
                continue
            match self._symbol(node, context):
                case ValueSymbol(value=ast.Call(func=function)) if ast.unparse(function).endswith("TypeVar"):
                    names[node.id] = None
                case _:
                    pass
        return sorted(names, key=lambda name: _position(expression, name))

    def _symbol(self, expression: ast.expr, context: Context) -> Symbol:
        return self._resolver.expression(context.module, context.scopes, expression)

    def _known(self, path: str) -> t.ValueType | None:
        if path in SEQUENCES or path in ITERABLES:
            return row_type(path, t.ANY)
        return KNOWN_TYPES.get(path)


def _joined(types: Sequence[t.ValueType]) -> list[t.ValueType]:
    """The types with members of one enumeration as one."""
    found: dict[object, t.ValueType] = {}
    for index, value_type in enumerate(types):
        key: object = value_type.path if isinstance(value_type, t.EnumType) else index
        known = found.get(key)
        if isinstance(known, t.EnumType) and isinstance(value_type, t.EnumType):
            found[key] = known.with_members(value_type)
        else:
            found[key] = value_type
    return [*found.values()]


def row_type(path: str, item: t.ValueType) -> t.ValueType:
    """The type of a sequence or iterable of items; an abstract one also takes strings and mappings with such items."""
    row = t.ListType(item, made_of(path))
    if path in LISTS:
        return row
    if not any(part in (t.STR, t.ANY) for part in t.parts(item)):
        return row
    return t.union(row, t.STR, *([t.MappingType(item, t.ANY)] if path in ITERABLES else []))


def _own_subscript(symbol: ClassSymbol) -> ast.FunctionDef | None:
    """What a class makes of `Class[…]` itself, if it may be anything but the class."""
    for statement in symbol.node.body:
        match statement:
            case ast.FunctionDef(name="__class_getitem__", args=ast.arguments(args=[cls, *_])):
                is_itself = all(
                    isinstance(value, ast.Name) and value.id == cls.arg for value in _returned(statement)
                )
                return None if is_itself else statement
            case _:
                pass
    return None


def _annotates_its_argument(function: ast.FunctionDef) -> bool:
    """Whether all that `Class[X]` is, is `Annotated[X, …]`."""
    found = _returned(function)
    return bool(found) and all(_is_annotated(value, function.args.args[-1].arg) for value in found)


def _is_annotated(value: ast.expr, name: str) -> bool:
    match value:
        case ast.Subscript(value=form, slice=ast.Tuple(elts=[ast.Name(id=first), *_])):
            return first == name and last_name(form) == "Annotated"
        case _:
            return False


def _returned(function: ast.FunctionDef) -> list[ast.expr]:
    nodes = ast.walk(function)
    return [node.value for node in nodes if isinstance(node, ast.Return) and node.value is not None]


def _is_type_parameter(expression: ast.expr, found: Sequence[Symbol], module: Module) -> bool:
    """Whether a name that nothing in its module binds is a parameter of a generic class or function."""
    if not isinstance(expression, ast.Name) or expression.id not in module.type_parameters:
        return False
    (symbol, *others) = found
    return not others and isinstance(symbol, OpaqueSymbol) and symbol.path == f"{module.name}.{expression.id}"


def _is_generic(path: str) -> bool:
    return path.startswith(
        ("builtins.", "typing.", "typing_extensions.", "collections.", "dataclasses.")
    ) or (path in KNOWN_TYPES)


def _position(expression: ast.expr, name: str) -> tuple[int, int]:
    return min(
        (node.lineno, node.col_offset)
        for node in ast.walk(expression)
        if isinstance(node, ast.Name) and node.id == name
    )
