"""What a function needs of its parameters, followed through the functions that it passes them on to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol, local_scope
from serotiny.targets.signature import BodyNeeds, Parameter
from serotiny.targets.signatures.body.called import FARTHEST
from serotiny.targets.signatures.body.demands import HandedOn, converted, demands
from serotiny.targets.signatures.body.questions import (
    attributes_read,
    is_asked,
    is_decided_by,
    is_unused,
    readiness,
)
from serotiny.targets.signatures.body.shown import is_only_shown
from serotiny.targets.signatures.body.subjects import Body, bodies_of, field_bodies_of
from serotiny.targets.signatures.enforcement import enforces_annotations, is_enforcing_module
from serotiny.targets.tolerated import with_tolerated
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.signatures.call_shape import CallShape
    from serotiny.targets.signatures.callables.reader import CallableReader


class BodyReader:
    """Follows parameters through bodies.

    Args:
        callables: reads the functions that parameters are passed on to.
        target: the path that a config names; its class decides which methods an instance has.
    """

    def __init__(self, callables: CallableReader, target: str) -> None:
        self._callables = callables
        self._target = target
        self._on_the_way: list[tuple[str, str]] = []

    def needs(self, body: str, name: str) -> BodyNeeds:
        """What the function or class at a path needs of a parameter; nothing where that cannot be read."""
        if (body, name) in self._on_the_way or len(self._on_the_way) >= FARTHEST:
            return BodyNeeds()
        self._on_the_way.append((body, name))
        try:
            return self._needs(body, name)
        finally:
            self._on_the_way.pop()

    def _needs(self, body: str, name: str) -> BodyNeeds:
        symbols = self._callables.resolver.path(body)
        if len(symbols) != 1 or not isinstance(symbols[0], FunctionSymbol | ClassSymbol):
            return BodyNeeds()
        symbol = symbols[0]
        if enforces_annotations(symbol, self._callables.resolver):
            return BodyNeeds(enforced=True)
        bodies = self._bodies(symbol, name)
        if isinstance(symbol, FunctionSymbol) and is_unused(bodies, name):
            return BodyNeeds(unused=True, decisive=True)
        ready = tuple(
            dict.fromkeys((*readiness(bodies).get(name, ()), *self._converted(bodies, name, symbol)))
        )
        decisive = is_decided_by(bodies, name)
        attributes = tuple(demands(bodies).attributes.get(name, ())) or attributes_read(bodies, name)
        if any(is_asked(body, name) for body in bodies):
            # each use may be for some classes alone
            return BodyNeeds(ready=ready, decisive=decisive, attributes=attributes)
        now, later = (
            self._needed(name, chosen, symbol, ready)
            # a body without owner is the function's own; the others are methods that may run later, or never
            for chosen in (
                [body for body in bodies if body.owner is None],
                [body for body in bodies if body.owner is not None],
            )
        )
        return BodyNeeds(
            types=now,
            later=later,
            ready=ready,
            decisive=decisive,
            shown=is_only_shown(bodies, name),
            attributes=attributes,
        )

    def _bodies(self, symbol: FunctionSymbol | ClassSymbol, name: str) -> list[Body]:
        if isinstance(symbol, ClassSymbol):
            return list(field_bodies_of(symbol, [name], self._line(symbol)))
        line = self._line(symbol.owner) if symbol.owner is not None else None
        return list(bodies_of(symbol.node, symbol.owner, line))

    def _line(self, owner: ClassSymbol) -> list[ClassSymbol]:
        """The classes whose methods use what `owner` stored: the target's, if `owner` is among its bases."""
        resolver = self._callables.resolver
        found = resolver.path(self._target)[0]
        line = resolver.linearise(found).classes if isinstance(found, ClassSymbol) else ()
        if all(base.path != owner.path for base in line):
            line = resolver.linearise(owner).classes
        return [base for base in line if not is_enforcing_module(base.module.name)]

    def _needed(
        self,
        name: str,
        bodies: list[Body],
        symbol: FunctionSymbol | ClassSymbol,
        ready: tuple[t.ValueType, ...],
    ) -> tuple[t.ValueType, ...]:
        found = demands(bodies)
        types = list(found.types.get(name, ()))
        for handed in found.handed_on:
            if handed.name == name:
                types += self._needs_of_receiver(handed, symbol)
        return tuple(dict.fromkeys(t.union(needed, *ready) for needed in types))

    def _converted(
        self, bodies: list[Body], name: str, symbol: FunctionSymbol | ClassSymbol
    ) -> Iterator[t.ValueType]:
        """The types of which a body makes others, item by item."""
        for handed, is_mapping in converted(bodies, name):
            parameter = _receiver(self._called(handed, symbol).parameters, handed.to)
            if parameter is not None and parameter.type != t.ANY:
                item = parameter.type
                yield t.MappingType(t.ANY, item) if is_mapping else t.ListType(item)

    def _needs_of_receiver(self, handed: HandedOn, symbol: FunctionSymbol | ClassSymbol) -> list[t.ValueType]:
        """What the function that a parameter is passed on to needs of it."""
        shape = self._called(handed, symbol)
        parameter = _receiver(shape.parameters, handed.to)
        if parameter is None or parameter.type == t.ANY:
            return []
        if parameter.body is None:
            return [with_tolerated(shape.of, parameter)]
        needs = self.needs(parameter.body, parameter.name)
        return [parameter.type] if needs.enforced else list(needs.types)

    def _called(self, handed: HandedOn, symbol: FunctionSymbol | ClassSymbol) -> CallShape:
        """What the function takes that a parameter is passed on to."""
        node = handed.within.node
        owner = handed.within.owner or (symbol if isinstance(symbol, ClassSymbol) else symbol.owner)
        module = symbol.module if owner is None else owner.module
        outer = symbol.outer if owner is None else (*owner.outer, owner.scope)
        caller = FunctionSymbol(
            module=module, node=node, qualified_name=node.name, outer=outer, owner=owner, bound_to=owner
        )
        scopes = (*outer, local_scope(node))
        return self._callables.callee(handed.call.func, caller, scopes, owner)


def _receiver(parameters: tuple[Parameter, ...], to: int | str) -> Parameter | None:
    """The parameter of a called function that gets what is handed on."""
    if isinstance(to, str):
        return next((found for found in parameters if found.name == to and found.by_name), None)
    positional = [found for found in parameters if found.by_position]
    return positional[to] if to < len(positional) else None
