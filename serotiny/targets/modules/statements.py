"""The statements of a syntax tree, and the attributes that they assign: one in ten of its nodes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


def statements_of(tree: ast.AST) -> Iterator[ast.stmt]:
    """Each statement in a module, class, function or statement, that itself first, in no order."""
    rest = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, ast.stmt):
            yield node
        for block in _BLOCKS:
            rest += getattr(node, block, ())


def attributes_assigned_in(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Each attribute that a statement in a tree assigns or deletes, as often as it does."""
    for statement in statements_of(tree):
        for target in _targets(statement):
            for inner in ast.walk(target):
                if isinstance(inner, ast.Attribute) and not isinstance(inner.ctx, ast.Load):
                    yield inner


def _targets(statement: ast.stmt) -> list[ast.expr]:
    """The expressions that a statement assigns or deletes."""
    match statement:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return targets
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return [target]
        case ast.For(target=target) | ast.AsyncFor(target=target):
            return [target]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [item.optional_vars for item in items if item.optional_vars is not None]
        case _:
            return []
