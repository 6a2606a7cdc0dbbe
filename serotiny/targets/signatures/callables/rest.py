"""What the `**kwargs` of a function take: the parameters of what they are passed on to, and the keys that it reads itself."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import ClassSymbol, local_scope
from serotiny.targets.signature import Parameter, ParameterKind
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.body.kwargs_flow import Handed, rest_use
from serotiny.targets.signatures.body.stored_rest import calls_with
from serotiny.targets.signatures.call_shape import CallShape, any_of
from serotiny.targets.signatures.generated_init.pydantic_functions import as_validated
from serotiny.targets.signatures.parameters import as_keyword
from serotiny.targets.value_types.types import ANY, MappingType, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    from serotiny.targets.modules.scope import Scope
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode, FunctionSymbol
    from serotiny.targets.signatures.parameters import ParameterReader

    class CalleeReader(Protocol):
        """Reads the shape of what a call in a body calls; `CallableReader`, which in turn reads the rest with this module."""

        def callee(
            self,
            function: ast.expr,
            symbol: FunctionSymbol,
            scopes: tuple[Scope, ...],
            receiver: ClassSymbol | None,
        ) -> CallShape: ...

        def typed_keys(self, symbol: ClassSymbol) -> CallShape: ...


_ORDER: Final = tuple(ParameterKind)


class RestReader:
    """Follows `**kwargs`."""

    def __init__(self, resolver: NameResolver, parameters: ParameterReader, callees: CalleeReader) -> None:
        self._resolver = resolver
        self._parameters = parameters
        self._callees = callees

    def shape(
        self,
        written: tuple[Parameter, ...],
        symbol: FunctionSymbol,
        node: FunctionNode,
        receiver: ClassSymbol | None,
    ) -> CallShape:
        """The shape of a function with `**kwargs`; `written` are the parameters beside these."""
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
            fixed_positions=node.args.vararg is None,
            rest_by_name=self._rest_by_name(symbol, node) if is_open else None,
            of=symbol.path,
            rest_goes_to=refusers.pop() if len(refusers) == 1 and not is_open else "",
        )

    def _rest_by_name(self, symbol: FunctionSymbol, node: FunctionNode) -> Parameter | None:
        """What `**parts: Part` says of each key; a mapping is often the type of all of them together."""
        rest = node.args.kwarg
        context = Context(symbol.module, symbol.outer)
        if rest is None or (declared := self._parameters.annotation(rest.annotation, context)) == ANY:
            return None
        written = Parameter(name=rest.arg, type=declared, kind=ParameterKind.VAR_KEYWORD, body=symbol.path)
        (read,) = as_validated((written,), symbol, node, self._resolver)
        is_of_all = any(isinstance(part, MappingType) for part in parts(declared))
        return None if is_of_all and read.body is not None else read

    def _unpacked(self, symbol: FunctionSymbol, node: FunctionNode) -> CallShape | None:
        """The keys of `**kwargs: Unpack[Options]` (PEP 692), a typed dict."""
        match node.args.kwarg:
            case ast.arg(annotation=ast.Subscript(value=value, slice=options)) if (
                last_name(value) == "Unpack"
            ):
                found = self._resolver.expression(symbol.module, symbol.outer, options)
                return self._callees.typed_keys(found) if isinstance(found, ClassSymbol) else None
            case _:
                return None

    def _taken(self, name: str, default: ast.expr | None, context: Context) -> Parameter:
        if default is None:
            return Parameter(name=name, kind=ParameterKind.KEYWORD_ONLY)
        read = self._parameters.default(default, context)
        return Parameter(name=name, default=read, kind=ParameterKind.KEYWORD_ONLY)

    def _handed(
        self, handed: Handed, symbol: FunctionSymbol, scopes: tuple[Scope, ...], receiver: ClassSymbol | None
    ) -> CallShape:
        """What one call takes from `**kwargs`: the parameters that the call itself does not fill."""
        call = handed.call
        function, arguments = call.func, call.args
        if ast.unparse(function) in ("partial", "functools.partial") and arguments:
            function, arguments = arguments[0], arguments[1:]
        shape = self._callees.callee(function, symbol, scopes, receiver)
        positional = [argument for argument in arguments if not isinstance(argument, ast.Starred)]
        shape = shape.without_first(len(positional))
        shape = shape.without(keyword.arg for keyword in call.keywords if keyword.arg is not None)
        return shape if handed.certain else shape.optional()

    def _kept(self, attribute: str, receiver: ClassSymbol | None) -> CallShape:
        """What the calls take that `**kwargs` reaches by way of an attribute."""
        calls = calls_with(attribute, self._resolver.linearise(receiver)) if receiver is not None else None
        shapes = []
        for method, call in calls or ():
            scopes = (*method.outer, local_scope(method.node))
            shapes.append(self._handed(Handed(call, certain=False), method, scopes, receiver))
        return any_of(shapes).optional()


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
