"""What a function needs of its parameters, through the functions that it hands them on to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol
from serotiny.targets.signature import BodyNeeds, Parameter, ParameterKind
from serotiny.targets.signatures.body.demands import HandedOn, demands
from serotiny.targets.signatures.body.questions import readiness
from serotiny.targets.signatures.body.subjects import bodies_of, field_bodies_of
from serotiny.targets.signatures.callables import local_scope
from serotiny.targets.signatures.enforcement import enforces_annotations
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from serotiny.targets.signatures.callables import CallableReader

_FARTHEST: Final = 4
"""Through how many functions a parameter is followed; what is handed on further is seldom handed on as it is."""

_POSITIONAL: Final = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)


class BodyReader:
    """Follows parameters through bodies."""

    def __init__(self, callables: CallableReader) -> None:
        self._callables = callables
        self._on_the_way: list[tuple[str, str]] = []

    def needs(self, body: str, name: str) -> BodyNeeds:
        """What the function or class at a path needs of a parameter; nothing where the source is not plain."""
        if (body, name) in self._on_the_way or len(self._on_the_way) >= _FARTHEST:
            return BodyNeeds()
        self._on_the_way.append((body, name))
        try:
            return self._needs(body, name)
        finally:
            self._on_the_way.pop()

    def _needs(self, body: str, name: str) -> BodyNeeds:
        symbols = self._callables.follower.path(body)
        if len(symbols) != 1 or not isinstance(symbols[0], FunctionSymbol | ClassSymbol):
            return BodyNeeds()
        symbol = symbols[0]
        if enforces_annotations(symbol, self._callables.follower):
            return BodyNeeds(enforced=True)
        if isinstance(symbol, ClassSymbol):
            bodies = list(field_bodies_of(symbol, [name]))
        else:
            bodies = list(bodies_of(symbol.node, symbol.owner))
        found = demands(bodies)
        ready = readiness(bodies).get(name, [])
        types = list(found.types.get(name, ()))
        for handed in found.handed_on:
            if handed.name == name:
                types += self._needs_of_receiver(handed, symbol)
        return BodyNeeds(False, tuple(dict.fromkeys(t.union(needed, *ready) for needed in types)))

    def _needs_of_receiver(self, handed: HandedOn, symbol: FunctionSymbol | ClassSymbol) -> list[t.ValueType]:
        """What the function that a parameter is handed to needs of it."""
        owner = symbol if isinstance(symbol, ClassSymbol) else symbol.owner
        outer = symbol.outer if owner is None else (*owner.outer, owner.scope)
        caller = FunctionSymbol(
            symbol.module,
            handed.within,
            qualified_name=handed.within.name,
            outer=outer,
            owner=owner,
            bound_to=owner,
        )
        scopes = (*outer, local_scope(handed.within))
        shape = self._callables.callee(handed.call.func, caller, scopes, owner)
        parameter = _receiver(shape.parameters, handed.to)
        if parameter is None or parameter.type == t.ANY:
            return []
        if parameter.body is None:
            return [parameter.type]
        needs = self.needs(parameter.body, parameter.name)
        return [parameter.type] if needs.enforced else list(needs.types)


def _receiver(parameters: tuple[Parameter, ...], to: int | str) -> Parameter | None:
    if isinstance(to, str):
        return next((found for found in parameters if found.name == to and found.by_name), None)
    positional = [found for found in parameters if found.kind in _POSITIONAL]
    return positional[to] if to < len(positional) else None
