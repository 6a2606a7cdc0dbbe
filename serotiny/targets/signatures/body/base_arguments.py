"""What the constructor of a class passes to that of its base: `super().__init__(columns=["bill_mm"], scale=factor)`."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

from serotiny.targets.names.symbols import ValueSymbol, default_of, parameter_names
from serotiny.targets.signature import Passed
from serotiny.targets.signatures.body.called import FARTHEST, called, handed_on, receiver
from serotiny.targets.signatures.body.walked import rebound_names

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.signatures.body.called import Called


def passed_to_base(symbol: Symbol, name: str, resolver: NameResolver) -> Passed | None:
    """What a class makes of a parameter that one of its constructors has; None where the source does not tell."""
    function = next(called(symbol, resolver), None)
    return Passed(parameter=name) if function is None else _passed(function, name, resolver, depth=0)


def _passed(function: Called, name: str, resolver: NameResolver, depth: int) -> Passed | None:
    itself = Passed(parameter=name) if name in parameter_names(function.node) else None
    for statement in function.node.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        base = receiver(function, call, resolver) if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and base is not None and base.node.name == "__init__":
            if any(isinstance(item, ast.Starred) for item in call.args) or depth > FARTHEST:
                return None
            if name in parameter_names(base.node):
                return _given(call, base, name, function, resolver)
            further = None if itself is not None else _passed(base, name, resolver, depth + 1)
            if further is None or further.parameter is None:
                return itself or further
            return _given(call, base, further.parameter, function, resolver)
    return itself


def _given(
    call: ast.Call, base: Called, name: str, function: Called, resolver: NameResolver
) -> Passed | None:
    """What a call gives to a parameter that the base's constructor has."""
    given = dict(handed_on(call, base))
    if name in given:
        return _meaning(given[name], function, resolver)
    if any(word.arg is None for word in call.keywords):
        return Passed(parameter=name)
    return _literal(default_of(base.node, name))


def _meaning(value: ast.expr, function: Called, resolver: NameResolver) -> Passed | None:
    if isinstance(value, ast.Name) and value.id in parameter_names(function.node):
        return None if value.id in rebound_names(function.node) else Passed(parameter=value.id)
    if isinstance(value, ast.Name | ast.Attribute):
        found = resolver.expression(function.module, function.outer[:1], value)
        return _literal(found.value) if isinstance(found, ValueSymbol) else None
    return _literal(value)


def _literal(value: ast.expr | None) -> Passed | None:
    try:
        return None if value is None else Passed(value=json.loads(json.dumps(ast.literal_eval(value))))
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
