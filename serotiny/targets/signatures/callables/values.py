"""What calling a value takes: `name = partial(function, …)`, a lambda, a class that a call makes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import ClassSymbol, MissingName, ValueSymbol
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.call_shape import OPEN, CallShape, any_of
from serotiny.targets.signatures.class_kinds import ENUMERATIONS, called_enum
from serotiny.targets.signatures.decorators import keeps_signature
from serotiny.targets.signatures.generated_init.called_classes import (
    MAKE_DATACLASS,
    TYPE,
    made_class_shape,
    made_dataclass_shape,
)
from serotiny.targets.signatures.generated_init.enums import enum_shape
from serotiny.targets.signatures.generated_init.named_tuples import NAMED_TUPLES, named_tuple_shape

if TYPE_CHECKING:
    from typing import Protocol

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.signatures.parameters import ParameterReader

    class SymbolReader(Protocol):
        """Reads the shape of any symbol; `CallableReader`, which in turn reads values with this module."""

        def shape(self, symbol: Symbol) -> CallShape: ...


class ValueReader:
    """Reads the shape of what an expression makes."""

    def __init__(self, resolver: NameResolver, parameters: ParameterReader, symbols: SymbolReader) -> None:
        self._resolver = resolver
        self._parameters = parameters
        self._symbols = symbols

    def shape(self, symbol: ValueSymbol) -> CallShape:
        """The shape of `name = partial(function, …)`, of a lambda and the like; open for what is known later."""
        context = Context(symbol.module, symbol.outer)
        match symbol.value:
            case ast.Lambda(args=arguments):
                return CallShape(self._parameters.written(arguments, context), arguments.kwarg is not None)
            case ast.Subscript(value=ast.Name() | ast.Attribute() as generic):
                return self._of_name(symbol, generic)
            case ast.Call(func=function) if (
                made := self._class_of_call(symbol, function, context)
            ) is not None:
                return made
            case ast.Call(func=function, args=[wrapped, *arguments], keywords=keywords):
                path = self._resolver.imported_path(symbol.module, symbol.outer, function)
                found = wrapped_by(symbol, wrapped, self._resolver)
                # `run = cache(run)`: the name refers to its own earlier value
                is_itself = found.path == symbol.path and not isinstance(wrapped, ast.Call)
                if isinstance(found, MissingName) or is_itself:
                    return OPEN
                if path == "functools.partial":
                    shape = self._symbols.shape(found).without_first(len(arguments))
                    # a keyword of a partial is a new default, and may be overridden
                    given = {keyword.arg for keyword in keywords}
                    return any_of([shape, shape.without(name for name in given if name)])
                if not arguments and keeps_signature(function, symbol.module, symbol.outer, self._resolver):
                    return self._symbols.shape(found)
                return OPEN
            case _:
                return OPEN

    def _class_of_call(self, symbol: ValueSymbol, function: ast.expr, context: Context) -> CallShape | None:
        """What calling a class takes that a call makes; None where the call makes something else."""
        call = symbol.value
        path = self._resolver.imported_path(symbol.module, symbol.outer, function)
        if not isinstance(call, ast.Call) or path is None:
            return None
        if path in NAMED_TUPLES:
            return named_tuple_shape(call, self._parameters, context) or OPEN
        if path in ENUMERATIONS:
            members = called_enum(symbol.path, call, path)
            return OPEN if members is None else enum_shape(members)
        if path == MAKE_DATACLASS:
            return made_dataclass_shape(call, self._parameters, context) or OPEN
        if path == TYPE and len(call.args) == 3:
            return made_class_shape(call, lambda base: self._of_name(symbol, base)) or OPEN
        return None

    def _of_name(self, symbol: ValueSymbol, name: ast.expr) -> CallShape:
        found = self._resolver.expression(symbol.module, symbol.outer, name)
        return self._symbols.shape(found) if isinstance(found, ClassSymbol) else OPEN


WRAPPERS: Final = (
    "builtins.classmethod",
    "builtins.staticmethod",
    "functools.cache",
    "functools.lru_cache",
    "functools.partial",
    "functools.partialmethod",
)
"""What makes a callable that calls its first argument."""


def wrapped_by(symbol: ValueSymbol, expression: ast.expr, resolver: NameResolver) -> Symbol:
    """What a call wraps: a name, or another such call that is written in its place."""
    match expression:
        case ast.Call(func=function) if (
            resolver.imported_path(symbol.module, symbol.outer, function) in WRAPPERS
        ):
            return replace(symbol, value=expression)
        case _:
            return resolver.expression(symbol.module, symbol.outer, expression)
