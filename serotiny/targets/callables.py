"""The shape of functions: their own parameters, and those that `**kwargs` hands on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.annotations import Context
from serotiny.targets.bindings import Assigned, Branch, Scope, read_scope
from serotiny.targets.constructors import ConstructorReader
from serotiny.targets.decorators import keeps_signature
from serotiny.targets.entities import (
    Absent,
    ClassEntity,
    Entity,
    FunctionEntity,
    OpaqueEntity,
    ValueEntity,
)
from serotiny.targets.parameters import ParameterReader, as_keyword
from serotiny.targets.rest_arguments import Handed, rest_use
from serotiny.targets.shape import NOTHING, OPEN, Shape, any_of
from serotiny.targets.signature import Parameter, ParameterKind
from serotiny.targets.well_known import is_plain_base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serotiny.targets.entities import FunctionNode
    from serotiny.targets.follow import Follower

_ORDER: Final = tuple(ParameterKind)

# `**kwargs` handed on through more functions than this is followed no further.
_LONGEST_CHAIN: Final = 16


class CallableReader:
    """Reads the shape of anything that can be called."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.parameters = ParameterReader(follower)
        self._constructors = ConstructorReader(follower, self.parameters, self)
        self._chain: list[tuple[str, str | None]] = []

    def shape(self, entity: Entity) -> Shape:
        """What calling an entity takes."""
        match entity:
            case ClassEntity():
                return self._constructors.shape(entity)
            case FunctionEntity():
                return self.function(entity, entity.bound_to)
            case ValueEntity():
                return self._value(entity)
            case _:
                return OPEN

    def function(self, entity: FunctionEntity, receiver: ClassEntity | None) -> Shape:
        """The shape of a function. A plain method that is reached through its class still takes `self`."""
        key = (entity.path, receiver.path if receiver else None)
        if key in self._chain or len(self._chain) > _LONGEST_CHAIN:
            return OPEN
        self._chain.append(key)
        try:
            shape = self._overloaded(entity, receiver)
        finally:
            self._chain.pop()
        return shape.without_first() if _is_decorated(entity.node, "classmethod") else shape

    def method(self, entity: FunctionEntity, receiver: ClassEntity) -> Shape:
        """The shape of a method that is called on an instance or, for `__new__`, on a class."""
        shape = self.function(entity, receiver)
        if _is_decorated(entity.node, "classmethod") or _is_decorated(entity.node, "staticmethod"):
            return shape
        return shape.without_first()

    def _overloaded(self, entity: FunctionEntity, receiver: ClassEntity | None) -> Shape:
        """Overloads tell more than an implementation that takes anything; otherwise that is what runs."""
        scope = entity.outer[-1]
        nodes = scope.overloads(entity.node.name)
        overloads = [node for node in nodes if _is_decorated(node, "overload")]
        # an overload that takes anything itself leaves it to the body of the implementation
        telling = overloads and not any(map(_takes_anything, overloads))
        is_stub = _is_decorated(entity.node, "overload")
        if telling and entity.node in nodes and (is_stub or _takes_anything(entity.node)):
            return any_of(self._own(entity, node, receiver) for node in overloads)
        return self._own(entity, entity.node, receiver)

    def _own(self, entity: FunctionEntity, node: FunctionNode, receiver: ClassEntity | None) -> Shape:
        context = Context(entity.module, entity.outer)
        written = self.parameters.written(node.args, context)
        shape = Shape(written)
        if node.args.kwarg is not None:
            shape = self._with_rest(written, entity, node, receiver)
        keeps = all(
            keeps_signature(decorator, entity.module, entity.outer, self.follower)
            for decorator in node.decorator_list
        )
        return shape if keeps else shape.loosened()

    def _with_rest(
        self,
        written: tuple[Parameter, ...],
        entity: FunctionEntity,
        node: FunctionNode,
        receiver: ClassEntity | None,
    ) -> Shape:
        unpacked = self._unpacked(entity, node)
        if unpacked is not None:
            return Shape((*written, *map(as_keyword, unpacked.parameters)))
        use = rest_use(node)
        scopes = (*entity.outer, _local_scope(node))
        shapes = [self._handed(handed, entity, scopes, receiver) for handed in use.handed]
        handed_on = shapes[0] if len(shapes) == 1 else Shape(_distinct(shapes)).optional()
        context = Context(entity.module, scopes)
        names = {parameter.name for parameter in handed_on.parameters}
        taken = [self._taken(name, use.taken[name], context) for name in use.taken if name not in names]
        known = {parameter.name for parameter in written}
        extra = [found for found in (*handed_on.parameters, *taken) if found.name not in known]
        # `*args` that goes the same way as `**kwargs` may fill those parameters by position
        both_ways = len(shapes) == 1 and _hands_on_positions(use.handed[0].call, node)
        swallowed = not shapes and not use.rejected
        is_open = use.escaped or swallowed or any(shape.open for shape in shapes)
        return Shape(_joined(written, extra, both_ways), is_open)

    def _unpacked(self, entity: FunctionEntity, node: FunctionNode) -> Shape | None:
        """The keys of `**kwargs: Unpack[Options]` (PEP 692), a typed dict."""
        match node.args.kwarg:
            case ast.arg(annotation=ast.Subscript(value=value, slice=options)) if (
                ast.unparse(value).rpartition(".")[2] == "Unpack"
            ):
                found = self.follower.expression(entity.module, entity.outer, options)
                return self._constructors.shape(found) if isinstance(found, ClassEntity) else None
            case _:
                return None

    def _taken(self, name: str, default: ast.expr | None, context: Context) -> Parameter:
        if default is None:
            return Parameter(name, kind=ParameterKind.KEYWORD_ONLY)
        read = self.parameters.default(default, context)
        return Parameter(name, default=read, kind=ParameterKind.KEYWORD_ONLY)

    def _handed(
        self, handed: Handed, entity: FunctionEntity, scopes: tuple[Scope, ...], receiver: ClassEntity | None
    ) -> Shape:
        """What one call takes from `**kwargs`: its parameters less those that the call itself fills."""
        call = handed.call
        function, arguments = call.func, call.args
        if ast.unparse(function) in ("partial", "functools.partial") and arguments:
            function, arguments = arguments[0], arguments[1:]
        shape = self._callee(function, entity, scopes, receiver)
        positional = [argument for argument in arguments if not isinstance(argument, ast.Starred)]
        shape = shape.without_first(len(positional))
        shape = shape.without(keyword.arg for keyword in call.keywords if keyword.arg is not None)
        return shape if handed.certain else shape.optional()

    def _callee(
        self,
        function: ast.expr,
        entity: FunctionEntity,
        scopes: tuple[Scope, ...],
        receiver: ClassEntity | None,
    ) -> Shape:
        owner = entity.owner
        first = _first_argument(entity.node)
        match function:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=arguments), attr=name):
                if receiver is None or owner is None:
                    return OPEN
                after = owner
                if arguments:
                    named = self.follower.expression(entity.module, scopes, arguments[0])
                    after = named if isinstance(named, ClassEntity) else owner
                return self._super(name, after, receiver)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == first and receiver:
                found = self.follower.class_member(receiver, attribute)[0]
                return self.method(found, receiver) if isinstance(found, FunctionEntity) else OPEN
            case ast.Name(id=name) if (
                name == first and _is_decorated(entity.node, "classmethod") and receiver
            ):
                return self.shape(receiver)
            case ast.Name() | ast.Attribute():
                found = self.follower.expression(entity.module, scopes, function)
                if isinstance(found, OpaqueEntity) and found.path == "builtins.object.__init__":
                    return NOTHING
                return self.shape(found)
            case _:
                return OPEN

    def _super(self, name: str, after: ClassEntity, receiver: ClassEntity) -> Shape:
        """The method that `super()` finds: the next one in the order of the class that is really made."""
        line = self.follower.linearise(receiver)
        paths = [base.path for base in line.classes]
        start = paths.index(after.path) + 1 if after.path in paths else len(paths)
        for base in line.classes[start:]:
            if base.scope.candidates(name):
                found = self.follower.class_member(base, name)[0]
                return self.method(found, receiver) if isinstance(found, FunctionEntity) else OPEN
        only_plain = all(path in paths or is_plain_base(path) for path in line.paths)
        return NOTHING if name in ("__init__", "__new__") and line.certain and only_plain else OPEN

    def _value(self, entity: ValueEntity) -> Shape:
        """`name = partial(function, …)`, `name = lru_cache(function)`; anything else made at run time is open."""
        match entity.value:
            case ast.Call(func=function, args=[wrapped, *arguments], keywords=keywords):
                path = self.follower.imported_path(entity.module, entity.outer, function)
                found = self.follower.expression(entity.module, entity.outer, wrapped)
                if isinstance(found, Absent) or found.path == entity.path:
                    return OPEN
                if path == "functools.partial":
                    shape = self.shape(found).without_first(len(arguments))
                    # a keyword of a partial is a new default: it may be given again
                    given = {keyword.arg for keyword in keywords}
                    return any_of([shape, shape.without(name for name in given if name)])
                if not arguments and keeps_signature(function, entity.module, entity.outer, self.follower):
                    return self.shape(found)
                return OPEN
            case _:
                return OPEN


def _local_scope(node: FunctionNode) -> Scope:
    """The names that a function binds; its parameters can be anything."""
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


def _distinct(shapes: Iterable[Shape]) -> tuple[Parameter, ...]:
    found: dict[str, Parameter] = {}
    for shape in shapes:
        for parameter in shape.parameters:
            found.setdefault(parameter.name, parameter)
    return tuple(found.values())


def _joined(
    written: Iterable[Parameter], extra: Iterable[Parameter], both_ways: bool
) -> tuple[Parameter, ...]:
    """The written parameters with those that are handed on, in the order in which positions fill them."""
    if not both_ways:
        return (*written, *(as_keyword(parameter) for parameter in extra if parameter.by_name))
    rest = ParameterKind.VAR_POSITIONAL
    own = [parameter for parameter in written if parameter.kind is not rest]
    every = [*own, *extra]
    # sorting is stable: within a kind the order stays
    return tuple(sorted(every, key=lambda parameter: _ORDER.index(parameter.kind)))


def _takes_anything(node: FunctionNode) -> bool:
    """`(*args, **kwargs)`, with nothing before but perhaps `self`."""
    arguments = node.args
    return arguments.kwarg is not None and not arguments.args[1:] and not arguments.kwonlyargs


def _is_decorated(node: FunctionNode, name: str) -> bool:
    called = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
    return any(ast.unparse(decorator).rpartition(".")[2] == name for decorator in called)
