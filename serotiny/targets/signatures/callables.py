"""The call shape of functions: their own parameters, and those of the callables that `**kwargs` is passed on to."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned, Branch, Scope, read_scope
from serotiny.targets.names.symbols import (
    ClassSymbol,
    FunctionSymbol,
    MissingName,
    OpaqueSymbol,
    Symbol,
    ValueSymbol,
)
from serotiny.targets.signature import Parameter, ParameterKind
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.body.questions import readiness
from serotiny.targets.signatures.body.stored_rest import calls_with
from serotiny.targets.signatures.body.subjects import bodies_of
from serotiny.targets.signatures.call_shape import OPEN, CallShape, any_of
from serotiny.targets.signatures.class_kinds import ENUMERATIONS, called_enum
from serotiny.targets.signatures.constructors import ConstructorReader
from serotiny.targets.signatures.decorators import keeps_signature
from serotiny.targets.signatures.enforcement import is_enforcing_module
from serotiny.targets.signatures.generated_init.called_classes import (
    MAKE_DATACLASS,
    TYPE,
    made_class_shape,
    made_dataclass_shape,
)
from serotiny.targets.signatures.generated_init.enums import enum_shape
from serotiny.targets.signatures.generated_init.named_tuples import NAMED_TUPLES, named_tuple_shape
from serotiny.targets.signatures.generated_init.pydantic_functions import as_validated
from serotiny.targets.signatures.kwargs_flow import Handed, rest_use
from serotiny.targets.signatures.parameters import ParameterReader, as_keyword, used
from serotiny.targets.value_types.types import union

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode
    from serotiny.targets.value_types.types import ValueType

_ORDER: Final = tuple(ParameterKind)

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
                return self._value(symbol)
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
        return shape.without_first() if _is_decorated(symbol.node, "classmethod") else shape

    def method(self, symbol: FunctionSymbol, receiver: ClassSymbol) -> CallShape:
        """The shape of a method that is called on an instance or, for `__new__`, on a class."""
        shape = self.function(symbol, receiver)
        if _is_decorated(symbol.node, "classmethod") or _is_decorated(symbol.node, "staticmethod"):
            return shape
        return shape.without_first()

    def _overloaded(self, symbol: FunctionSymbol, receiver: ClassSymbol | None) -> CallShape:
        """The shape of the overloads, if the implementation takes anything; otherwise that of the implementation."""
        scope = symbol.outer[-1]
        nodes = scope.overloads(symbol.node.name)
        overloads = [node for node in nodes if _is_decorated(node, "overload")]
        # an overload that takes anything says no more than the implementation
        telling = overloads and not any(map(_takes_anything, overloads))
        is_stub = _is_decorated(symbol.node, "overload")
        if telling and symbol.node in nodes and (is_stub or _takes_anything(symbol.node)):
            return any_of(self._own(symbol, node, receiver) for node in overloads)
        return self._own(symbol, symbol.node, receiver)

    def _own(self, symbol: FunctionSymbol, node: FunctionNode, receiver: ClassSymbol | None) -> CallShape:
        if _is_decorated(node, "singledispatch") or _is_decorated(node, "singledispatchmethod"):
            return OPEN  # which function is called depends on the first argument
        context = Context(symbol.module, symbol.outer)
        written = self._as_used(self.parameters.written(node.args, context), symbol, node)
        written = as_validated(written, symbol, node, self.resolver)
        if node.name == "__new__":
            written = self._as_handed_on(written, symbol, node)
        shape = CallShape(written, of=symbol.path)
        if node.args.kwarg is not None:
            shape = self._with_rest(written, symbol, node, receiver)
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
            return written
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

    def _with_rest(
        self,
        written: tuple[Parameter, ...],
        symbol: FunctionSymbol,
        node: FunctionNode,
        receiver: ClassSymbol | None,
    ) -> CallShape:
        unpacked = self._unpacked(symbol, node)
        if unpacked is not None:
            return CallShape((*written, *map(as_keyword, unpacked.parameters)), ignores_rest=True)
        use = rest_use(node)
        scopes = (*symbol.outer, local_scope(node))
        shapes = [self._handed(handed, symbol, scopes, receiver) for handed in use.handed]
        kept = [self._kept(attribute, receiver) for attribute in use.stored]
        shapes += kept
        # Python refuses a key that any one of the calls does not take, if that call is sure to be made
        refusing = [
            shape
            for handed, shape in zip(use.handed, shapes, strict=False)
            if handed.certain and not shape.open
        ]
        handed_on = (
            shapes[0] if len(shapes) == 1 and not kept else _taken_by_each(refusing, _distinct(shapes))
        )
        context = Context(symbol.module, scopes)
        names = {parameter.name for parameter in handed_on.parameters}
        taken = [self._taken(name, use.taken[name], context) for name in use.taken if name not in names]
        known = {parameter.name for parameter in written}
        extra = [found for found in (*handed_on.parameters, *taken) if found.name not in known]
        # `*args` that is passed to the same call may fill those parameters by position
        both_ways = len(use.handed) == len(shapes) == 1 and _hands_on_positions(use.handed[0].call, node)
        # the rest is neither used nor refused: any key is accepted
        swallowed = not shapes and not use.rejected
        is_open = use.escaped or swallowed or (not refusing and any(shape.open for shape in shapes))
        refusers = {shape.rest_goes_to or shape.of for shape in refusing or shapes}
        return CallShape(
            _joined(written, extra, both_ways),
            is_open,
            of=symbol.path,
            rest_goes_to=refusers.pop() if len(refusers) == 1 and not is_open else "",
        )

    def _unpacked(self, symbol: FunctionSymbol, node: FunctionNode) -> CallShape | None:
        """The keys of `**kwargs: Unpack[Options]` (PEP 692), a typed dict."""
        match node.args.kwarg:
            case ast.arg(annotation=ast.Subscript(value=value, slice=options)) if (
                ast.unparse(value).rpartition(".")[2] == "Unpack"
            ):
                found = self.resolver.expression(symbol.module, symbol.outer, options)
                return self._constructors.typed_keys(found) if isinstance(found, ClassSymbol) else None
            case _:
                return None

    def _taken(self, name: str, default: ast.expr | None, context: Context) -> Parameter:
        if default is None:
            return Parameter(name=name, kind=ParameterKind.KEYWORD_ONLY)
        read = self.parameters.default(default, context)
        return Parameter(name=name, default=read, kind=ParameterKind.KEYWORD_ONLY)

    def _handed(
        self, handed: Handed, symbol: FunctionSymbol, scopes: tuple[Scope, ...], receiver: ClassSymbol | None
    ) -> CallShape:
        """What one call takes from `**kwargs`: the parameters that the call itself does not fill."""
        call = handed.call
        function, arguments = call.func, call.args
        if ast.unparse(function) in ("partial", "functools.partial") and arguments:
            function, arguments = arguments[0], arguments[1:]
        shape = self.callee(function, symbol, scopes, receiver)
        positional = [argument for argument in arguments if not isinstance(argument, ast.Starred)]
        shape = shape.without_first(len(positional))
        shape = shape.without(keyword.arg for keyword in call.keywords if keyword.arg is not None)
        return shape if handed.certain else shape.optional()

    def _kept(self, attribute: str, receiver: ClassSymbol | None) -> CallShape:
        """What the calls take that `**kwargs` reaches by way of an attribute."""
        calls = calls_with(attribute, self.resolver.linearise(receiver)) if receiver is not None else None
        shapes = []
        for method, call in calls or ():
            scopes = (*method.outer, local_scope(method.node))
            shapes.append(self._handed(Handed(call, certain=False), method, scopes, receiver))
        return any_of(shapes).optional()

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
            case ast.Name(id=name) if (
                name == first and _is_decorated(symbol.node, "classmethod") and receiver
            ):
                return self.shape(receiver)
            case ast.Name() | ast.Attribute():
                found = self.resolver.alternatives(symbol.module, scopes, function)
                # `object.__init__(self, **kwargs)`: Python refuses every key
                if found[0] == OpaqueSymbol("builtins.object.__init__"):
                    return _OF_OBJECT
                return any_of(self.shape(alternative) for alternative in found)
            case _:
                return OPEN

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

    def _value(self, symbol: ValueSymbol) -> CallShape:
        """The shape of `name = partial(function, …)`, of a lambda and the like; open for what is known later."""
        context = Context(symbol.module, symbol.outer)
        match symbol.value:
            case ast.Lambda(args=arguments):
                return CallShape(self.parameters.written(arguments, context), arguments.kwarg is not None)
            case ast.Subscript(value=ast.Name() | ast.Attribute() as generic):
                return self._of_name(symbol, generic)
            case ast.Call(func=function) if (
                made := self._class_of_call(symbol, function, context)
            ) is not None:
                return made
            case ast.Call(func=function, args=[wrapped, *arguments], keywords=keywords):
                path = self.resolver.imported_path(symbol.module, symbol.outer, function)
                found = wrapped_by(symbol, wrapped, self.resolver)
                # `run = cache(run)`: the name refers to its own earlier value
                is_itself = found.path == symbol.path and not isinstance(wrapped, ast.Call)
                if isinstance(found, MissingName) or is_itself:
                    return OPEN
                if path == "functools.partial":
                    shape = self.shape(found).without_first(len(arguments))
                    # a keyword of a partial is a new default, and may be overridden
                    given = {keyword.arg for keyword in keywords}
                    return any_of([shape, shape.without(name for name in given if name)])
                if not arguments and keeps_signature(function, symbol.module, symbol.outer, self.resolver):
                    return self.shape(found)
                return OPEN
            case _:
                return OPEN

    def _class_of_call(self, symbol: ValueSymbol, function: ast.expr, context: Context) -> CallShape | None:
        """What calling a class takes that a call makes; None where the call makes something else."""
        call = symbol.value
        path = self.resolver.imported_path(symbol.module, symbol.outer, function)
        if not isinstance(call, ast.Call) or path is None:
            return None
        if path in NAMED_TUPLES:
            return named_tuple_shape(call, self.parameters, context) or OPEN
        if path in ENUMERATIONS:
            members = called_enum(symbol.path, call, path)
            return OPEN if members is None else enum_shape(members)
        if path == MAKE_DATACLASS:
            return made_dataclass_shape(call, self.parameters, context) or OPEN
        if path == TYPE and len(call.args) == 3:
            return made_class_shape(call, lambda base: self._of_name(symbol, base)) or OPEN
        return None

    def _of_name(self, symbol: ValueSymbol, name: ast.expr) -> CallShape:
        found = self.resolver.expression(symbol.module, symbol.outer, name)
        return self._constructors.shape(found) if isinstance(found, ClassSymbol) else OPEN


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


def local_scope(node: FunctionNode) -> Scope:
    """The names that a function binds; the values of its parameters are unknown."""
    scope = read_scope(node.body)
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    for argument in every:
        if argument is not None:
            scope.names.setdefault(argument.arg, []).insert(0, Assigned(None, None, Branch.ALWAYS))
    return scope


def _first_argument(node: FunctionNode) -> str | None:
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional else None


def _hands_on_positions(call: ast.Call, node: FunctionNode) -> bool:
    """Whether a call passes on the function's own `*args`."""
    rest = node.args.vararg
    return rest is not None and any(
        isinstance(argument, ast.Starred) and ast.unparse(argument.value) == rest.arg
        for argument in call.args
    )


def _distinct(shapes: Iterable[CallShape]) -> tuple[Parameter, ...]:
    found: dict[str, Parameter] = {}
    for shape in shapes:
        for parameter in shape.parameters:
            found.setdefault(parameter.name, parameter)
    return tuple(found.values())


def _taken_by_each(refusing: Sequence[CallShape], every: tuple[Parameter, ...]) -> CallShape:
    """The parameters of several calls that no call refuses; one is required if such a call requires it.

    Of the other calls only one may be made, so none of these makes a parameter required.
    """
    required = {found.name for shape in refusing for found in shape.parameters if found.required}
    taken = [{found.name for found in shape.parameters} for shape in refusing]
    kept = (found for found in every if all(found.name in names for names in taken))
    return CallShape(tuple(replace(found, required=found.name in required) for found in kept))


def _joined(
    written: Iterable[Parameter], extra: Iterable[Parameter], both_ways: bool
) -> tuple[Parameter, ...]:
    """The function's own parameters and those that are passed on, in the order of positional arguments."""
    if not both_ways:
        return (*written, *(as_keyword(parameter) for parameter in extra if parameter.by_name))
    rest = ParameterKind.VAR_POSITIONAL
    own = [parameter for parameter in written if parameter.kind is not rest]
    every = [*own, *extra]
    # sorting is stable: within a kind the order stays
    return tuple(sorted(every, key=lambda parameter: _ORDER.index(parameter.kind)))


def _takes_anything(node: FunctionNode) -> bool:
    """Whether a function takes `(*args, **kwargs)` and nothing else but perhaps `self`."""
    arguments = node.args
    return arguments.kwarg is not None and not arguments.args[1:] and not arguments.kwonlyargs


def _is_decorated(node: FunctionNode, name: str) -> bool:
    called = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
    return any(ast.unparse(decorator).rpartition(".")[2] == name for decorator in called)
