"""The call shape of classes: what constructing an instance takes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol
from serotiny.targets.signatures.call_shape import NOTHING, OPEN, CallShape, any_of
from serotiny.targets.signatures.class_kinds import (
    ATTRS_DECORATORS,
    DATACLASS_DECORATORS,
    MODEL_BASES,
    PYDANTIC_DATACLASS,
    SETTINGS_BASES,
    TYPED_DICTS,
    binds_value,
    decorator_paths,
    enum_type,
)
from serotiny.targets.signatures.decorators import keeps_signature, takes_out
from serotiny.targets.signatures.generated_init.attrs import attrs_shape
from serotiny.targets.signatures.generated_init.dataclasses import dataclass_shape, plain_shape
from serotiny.targets.signatures.generated_init.enums import enum_shape
from serotiny.targets.signatures.generated_init.fields import FieldBuilder
from serotiny.targets.signatures.generated_init.pydantic import model_shape, pydantic_dataclass_shape

if TYPE_CHECKING:
    from typing import Protocol

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode
    from serotiny.targets.signatures.parameters import ParameterReader

    class MethodReader(Protocol):
        """Reads the shape of a method; `CallableReader`, which in turn reads constructors with this module."""

        def method(self, symbol: FunctionSymbol, receiver: ClassSymbol) -> CallShape: ...


_PLAIN_METACLASSES: Final = frozenset(
    {"abc.ABCMeta", "builtins.type", "enum.EnumMeta", "enum.EnumType", "torch._C._TensorMeta"}
)
_FIELD_MODELS: Final = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple", *TYPED_DICTS})


class ConstructorReader:
    """Finds the method or the fields that define the constructor, in Python's order."""

    def __init__(self, resolver: NameResolver, parameters: ParameterReader, methods: MethodReader) -> None:
        self._resolver = resolver
        self._methods = methods
        self._fields = FieldBuilder(resolver, parameters)

    def shape(self, symbol: ClassSymbol) -> CallShape:
        """What calling a class takes."""
        shape = self._made_by_metaclass(symbol) or self._constructed(symbol)
        for path, decorator in decorator_paths(symbol, self._resolver):
            known = path in DATACLASS_DECORATORS | ATTRS_DECORATORS
            if not known and not keeps_signature(decorator, symbol.module, symbol.outer, self._resolver):
                return shape.loosened()
        return shape

    def typed_keys(self, symbol: ClassSymbol) -> CallShape:
        """The keys of a typed dict; those that it requires are required."""
        return plain_shape(self._fields, self._resolver.linearise(symbol).classes)

    def _made_by_metaclass(self, symbol: ClassSymbol) -> CallShape | None:
        """Open when a metaclass changes what a call takes; None when it does not."""
        for base in self._resolver.linearise(symbol).classes:
            for keyword in base.node.keywords:
                if keyword.arg != "metaclass":
                    continue
                path = self._resolver.imported_path(base.module, base.outer, keyword.value)
                if path in _PLAIN_METACLASSES:
                    continue
                found = self._resolver.expression(base.module, base.outer, keyword.value)
                if not isinstance(found, ClassSymbol):
                    return None if found.path in _PLAIN_METACLASSES else OPEN
                if not self._passes_calls_on(found):
                    return OPEN
        return None

    def _passes_calls_on(self, metaclass: ClassSymbol) -> bool:
        line = self._resolver.linearise(metaclass)
        if any(base not in _PLAIN_METACLASSES for base in line.paths[len(line.classes) :]):
            return False
        for base in line.classes:
            for call in base.scope.overloads("__call__"):
                arguments = call.args
                if arguments.vararg is None or arguments.kwarg is None or arguments.args[1:]:
                    return False
                if takes_out(call) or _changes_arguments(call):
                    return False
        return True

    def _constructed(self, symbol: ClassSymbol) -> CallShape:
        line = self._resolver.linearise(symbol)
        paths = set(line.paths)
        if any(path.startswith("enum.") for path in paths):
            return enum_shape(enum_type(symbol, self._resolver))
        if paths & SETTINGS_BASES:  # they take what is not given from the environment
            return OPEN
        if paths & _FIELD_MODELS:
            keys = plain_shape(self._fields, line.classes)
            return keys.optional() if paths & TYPED_DICTS else keys
        for base in line.steps():
            if base is None:
                return OPEN
            if base.path in MODEL_BASES:
                return model_shape(self._fields, line.classes)
            new, init = binds_value(base, "__new__"), binds_value(base, "__init__")
            if new and (shape := self._by_new(symbol, base)) is not None:
                return shape
            if init:
                return self._by_method(symbol, base, "__init__")
            decorators = dict(decorator_paths(base, self._resolver))
            for path, decorator in decorators.items():
                if path == PYDANTIC_DATACLASS and not _is_off(decorator, "init"):
                    return pydantic_dataclass_shape(self._fields, base)
                if path in DATACLASS_DECORATORS and not _is_off(decorator, "init"):
                    return dataclass_shape(self._fields, base)
                if path in ATTRS_DECORATORS and not _is_off(decorator, "init"):
                    return attrs_shape(self._fields, base)
        return NOTHING if line.certain else OPEN

    def _by_new(self, symbol: ClassSymbol, base: ClassSymbol) -> CallShape | None:
        """The shape of `__new__`, unless it takes anything and leaves the arguments to `__init__`."""
        nodes = base.scope.overloads("__new__")
        if nodes and nodes[-1].args.kwarg is not None and len(nodes[-1].args.args) <= 1:
            # `__new__` takes some of the arguments that `__init__` also gets
            if nodes[-1].args.kwonlyargs:
                return OPEN
            has_init = any(
                binds_value(found, "__init__") for found in self._resolver.linearise(symbol).classes
            )
            return None if has_init else self._by_method(symbol, base, "__new__")
        return self._by_method(symbol, base, "__new__")

    def _by_method(self, symbol: ClassSymbol, base: ClassSymbol, name: str) -> CallShape:
        found = self._resolver.class_member(base, name)
        shapes = [
            self._methods.method(method, symbol) if isinstance(method, FunctionSymbol) else OPEN
            for method in found
        ]
        return any_of(shapes)


def _is_off(decorator: ast.expr, option: str) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    return any(
        keyword.arg == option and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in decorator.keywords
    )


def _changes_arguments(call: FunctionNode) -> bool:
    """Whether a `__call__` of `*args` and `**kwargs` puts something into them, or beside them where it hands them on."""
    names = {argument.arg for argument in (call.args.vararg, call.args.kwarg) if argument is not None}
    for node in ast.walk(call):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in names:
                return True
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()) if name in names:
                return True
            case ast.Attribute(value=ast.Name(id=name), attr="update" | "setdefault") if name in names:
                return True
            case ast.Call(keywords=keywords) if any(keyword.arg is None for keyword in keywords):
                if any(keyword.arg is not None for keyword in keywords):
                    return True
            case _:
                pass
    return False
