"""The call shape of functions: their own parameters, and those of the callables that `**kwargs` is passed on to."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import is_decorated
from serotiny.targets.names.symbols import (
    ClassSymbol,
    FunctionSymbol,
    OpaqueSymbol,
    Symbol,
    ValueSymbol,
    local_scope,
)
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.body.questions import readiness
from serotiny.targets.signatures.body.subjects import bodies_of
from serotiny.targets.signatures.call_shape import OPEN, CallShape, any_of
from serotiny.targets.signatures.callables.constructors import ConstructorReader
from serotiny.targets.signatures.callables.rest import RestReader
from serotiny.targets.signatures.callables.values import ValueReader
from serotiny.targets.signatures.decorators import keeps_signature
from serotiny.targets.signatures.enforcement import is_enforcing_module
from serotiny.targets.signatures.generated_init.pydantic_functions import as_validated
from serotiny.targets.signatures.parameters import ParameterReader, used
from serotiny.targets.value_types.types import ANY, union

if TYPE_CHECKING:
    from serotiny.targets.modules.scope import Scope
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode
    from serotiny.targets.signature import Parameter
    from serotiny.targets.value_types.types import ValueType

_OF_OBJECT: Final = CallShape(of="object.__init__")

_LONGEST_CHAIN: Final = 16
"""Through how many functions `**kwargs` is followed."""

_MOST_FUNCTIONS: Final = 1_000
"""Through how many of them in all, where each hands on to several."""


class CallableReader:
    """Reads the shape of anything that can be called."""

    def __init__(self, resolver: NameResolver) -> None:
        self.resolver = resolver
        self.parameters = ParameterReader(resolver)
        self._constructors = ConstructorReader(resolver, self.parameters, self)
        self._rest = RestReader(resolver, self.parameters, self)
        self._values = ValueReader(resolver, self.parameters, self)
        self._chain: list[tuple[str, str | None]] = []
        self._read = 0

    def shape(self, symbol: Symbol) -> CallShape:
        """What calling a symbol takes."""
        match symbol:
            case ClassSymbol():
                return self._constructors.shape(symbol)
            case FunctionSymbol():
                return self.function(symbol, symbol.bound_to)
            case ValueSymbol():
                return self._values.shape(symbol)
            case _:
                return OPEN

    def function(self, symbol: FunctionSymbol, receiver: ClassSymbol | None) -> CallShape:
        """The shape of a function; that of a plain method reached through its class includes `self`."""
        key = (symbol.path, receiver.path if receiver else None)
        self._read = self._read + 1 if self._chain else 0
        if key in self._chain or len(self._chain) > _LONGEST_CHAIN or self._read > _MOST_FUNCTIONS:
            return OPEN
        self._chain.append(key)
        try:
            shape = self._overloaded(symbol, receiver)
        finally:
            self._chain.pop()
        return shape.without_first() if is_decorated(symbol.node, "classmethod") else shape

    def method(self, symbol: FunctionSymbol, receiver: ClassSymbol) -> CallShape:
        """The shape of a method that is called on an instance or, for `__new__`, on a class."""
        shape = self.function(symbol, receiver)
        if is_decorated(symbol.node, "classmethod") or is_decorated(symbol.node, "staticmethod"):
            return shape
        return shape.without_first()

    def _overloaded(self, symbol: FunctionSymbol, receiver: ClassSymbol | None) -> CallShape:
        """The shape of the overloads, if the implementation takes anything; otherwise that of the implementation."""
        scope = symbol.outer[-1]
        nodes = scope.overloads(symbol.node.name)
        overloads = [node for node in nodes if is_decorated(node, "overload")]
        # an overload that takes anything says no more than the implementation
        telling = overloads and not any(map(_takes_anything, overloads))
        is_stub = is_decorated(symbol.node, "overload")
        if telling and symbol.node in nodes and (is_stub or _takes_anything(symbol.node)):
            return any_of(self._own(symbol, node, receiver) for node in overloads)
        return self._own(symbol, symbol.node, receiver)

    def _own(self, symbol: FunctionSymbol, node: FunctionNode, receiver: ClassSymbol | None) -> CallShape:
        if is_decorated(node, "singledispatch") or is_decorated(node, "singledispatchmethod"):
            return OPEN  # which function is called depends on the first argument
        context = Context(symbol.module, symbol.outer)
        written = self._as_used(self.parameters.written(node.args, context), symbol, node)
        written = as_validated(written, symbol, node, self.resolver)
        if node.name == "__new__":
            written = self._as_handed_on(written, symbol, node)
        shape = CallShape(written, of=symbol.path)
        if node.args.kwarg is not None:
            shape = self._rest.shape(written, symbol, node, receiver)
        keeps = all(
            keeps_signature(decorator, symbol.module, symbol.outer, self.resolver)
            for decorator in node.decorator_list
        )
        return shape if keeps else shape.loosened()

    @staticmethod
    def _as_used(
        written: tuple[Parameter, ...], symbol: FunctionSymbol, node: FunctionNode
    ) -> tuple[Parameter, ...]:
        """The parameters with the types that the body handles added to their annotations."""
        if is_enforcing_module(symbol.module.name):
            # without an annotation it is the body that says what is needed
            return tuple(replace(item, body=symbol.path) if item.type == ANY else item for item in written)
        ready = readiness(bodies_of(node, symbol.owner))
        return tuple(used(parameter, symbol.path, ready) for parameter in written)

    def _as_handed_on(
        self, written: tuple[Parameter, ...], symbol: FunctionSymbol, node: FunctionNode
    ) -> tuple[Parameter, ...]:
        """The parameters of a `__new__` that makes one of several other classes: each takes what any of these does.

        Its own annotations need not name all of that: what counts is what the class does that is made.
        """
        found: dict[str, list[ValueType]] = {}
        scopes = (*symbol.outer, local_scope(node))
        for statement in ast.walk(node):
            match statement:
                case ast.Return(value=ast.Call(func=ast.Name(), args=arguments, keywords=keywords) as call):
                    shape = self.callee(call.func, symbol, scopes, None)
                    positional = [item for item in shape.parameters if item.by_position]
                    pairs = list(zip(arguments, positional, strict=False))
                    by_name = {item.name: item for item in shape.parameters}
                    pairs += [(item.value, by_name[item.arg]) for item in keywords if item.arg in by_name]
                    for argument, taken in pairs:
                        if isinstance(argument, ast.Name):
                            found.setdefault(argument.id, []).append(taken.type)
                case _:
                    pass
        return tuple(
            replace(item, type=union(item.type, *found[item.name])) if item.name in found else item
            for item in written
        )

    def callee(
        self,
        function: ast.expr,
        symbol: FunctionSymbol,
        scopes: tuple[Scope, ...],
        receiver: ClassSymbol | None,
    ) -> CallShape:
        """The shape of the function that a call in a body calls."""
        owner = symbol.owner
        first = _first_argument(symbol.node)
        match function:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=arguments), attr=name):
                if receiver is None or owner is None:
                    return OPEN
                after = owner
                if arguments:
                    named = self.resolver.expression(symbol.module, scopes, arguments[0])
                    after = named if isinstance(named, ClassSymbol) else owner
                return self._super(name, after, receiver)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == first and receiver:
                return self._methods(receiver, attribute, receiver)
            case ast.Name(id=name) if name == first and is_decorated(symbol.node, "classmethod") and receiver:
                return self.shape(receiver)
            case ast.Name() | ast.Attribute():
                found = self.resolver.alternatives(symbol.module, scopes, function)
                # `object.__init__(self, **kwargs)`: Python refuses every key
                if found[0] == OpaqueSymbol("builtins.object.__init__"):
                    return _OF_OBJECT
                return any_of(self.shape(alternative) for alternative in found)
            case _:
                return OPEN

    def typed_keys(self, symbol: ClassSymbol) -> CallShape:
        """The keys of a typed dict; those that it requires are required."""
        return self._constructors.typed_keys(symbol)

    def _super(self, name: str, after: ClassSymbol, receiver: ClassSymbol) -> CallShape:
        """The method that `super()` finds: the next one in the method resolution order of the instance's class."""
        line = self.resolver.linearise(receiver)
        if after.path not in line.paths:
            return OPEN
        for base in line.steps(after.path):
            if base is None:
                return OPEN
            if base.scope.candidates(name):
                return self._methods(base, name, receiver)
        return _OF_OBJECT if name in ("__init__", "__new__") and line.certain else OPEN

    def _methods(self, owner: ClassSymbol, name: str, receiver: ClassSymbol) -> CallShape:
        """The shape of a method by its name; that of all alternatives where a condition decides which it is."""
        return any_of(
            self.method(found, receiver) if isinstance(found, FunctionSymbol) else OPEN
            for found in self.resolver.class_member(owner, name)
        )


def _first_argument(node: FunctionNode) -> str | None:
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional else None


def _takes_anything(node: FunctionNode) -> bool:
    """Whether a function takes `(*args, **kwargs)` and nothing else but perhaps `self`."""
    arguments = node.args
    return arguments.kwarg is not None and not arguments.args[1:] and not arguments.kwonlyargs
