"""Functions that a model gives itself to, as for a picture, and that log nothing through it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import FunctionSymbol

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol

_LOGGING: Final = frozenset({"log", "log_dict", "callback_metrics", "logged_metrics", "_results"})
"""Attributes of a model, or of its trainer, by which code may log."""


def call_around(node: ast.AST, parents: dict[int, ast.AST]) -> ast.Call | None:
    """The call of which an expression is an argument, by position or by name."""
    parent = parents.get(id(node))
    if isinstance(parent, ast.keyword):
        parent = parents.get(id(parent))
    return parent if isinstance(parent, ast.Call) and parent.func is not node else None


def is_left_alone(call: ast.Call, given: ast.AST, owner: ClassSymbol, resolver: NameResolver) -> bool:
    """Whether a call is of a function that does nothing with a model but read its attributes, none of which logs.

    Args:
        call: a call in a method.
        given: the model, among its arguments.
        owner: the class of the method.
        resolver: finds the function.
    """
    found = resolver.expression(owner.module, (*owner.outer, owner.scope), call.func)
    if not isinstance(found, FunctionSymbol) or found.owner is not None or found.node.decorator_list:
        return False
    name = _parameter(call, given, found.node.args)
    return name is not None and reads_only(found.node, frozenset({name}))


def reads_only(function: ast.AST, names: frozenset[str]) -> bool:
    """Whether a function does nothing with some of its variables but read attributes, none of which logs."""
    nodes = [*ast.walk(function)]
    if any(isinstance(node, ast.Attribute) and node.attr in _LOGGING for node in nodes):
        return False
    held = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    return all(id(node) in held for node in nodes if isinstance(node, ast.Name) and node.id in names)


def _parameter(call: ast.Call, given: ast.AST, taken: ast.arguments) -> str | None:
    """The parameter that an argument of a call is for; None where that is not seen."""
    for keyword in call.keywords:
        if keyword.value is given:
            return (
                keyword.arg if keyword.arg in {arg.arg for arg in (*taken.args, *taken.kwonlyargs)} else None
            )
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    positional = [*taken.posonlyargs, *taken.args]
    index = next((at for at, arg in enumerate(call.args) if arg is given), len(positional))
    return positional[index].arg if index < len(positional) else None
