"""Whether a body does nothing with a parameter but write it into texts, where any value will do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from serotiny.targets.signatures.body.subjects import Body

_WRITING: Final = frozenset({"str", "repr", "print"})


def is_only_shown(bodies: Sequence[Body], name: str) -> bool:
    """Whether each use of a parameter, and of the attribute that stores it, writes it into a text as it is."""
    is_shown = False
    for body in bodies:
        shown = {id(item) for node in ast.walk(body.node) for item in _shown_by(node)}
        kept = {id(item) for node in ast.walk(body.node) for item in _kept_by(node)}
        for use in _uses(body, name):
            if id(use) not in shown | kept:
                return False
            is_shown |= id(use) in shown
    return is_shown


def _uses(body: Body, name: str) -> Iterator[ast.expr]:
    """Where a body reads a parameter."""
    for node in ast.walk(body.node):
        is_read = isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
        if is_read and isinstance(node, ast.expr) and body.subject(node) == name:
            yield node


def _shown_by(node: ast.AST) -> Iterable[ast.expr]:
    """The expressions that a node writes into a text without asking for a form, such as `.2f`, of numbers alone."""
    match node:
        case ast.FormattedValue(value=value, format_spec=None):
            return (value,)
        case ast.Call(func=ast.Name(id=function), args=args) if function in _WRITING:
            return args
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")) if (
            ":" not in text
        ):
            return (*node.args, *(keyword.value for keyword in node.keywords))
        case _:
            return ()


def _kept_by(node: ast.AST) -> Iterable[ast.expr]:
    """What a node stores in an attribute; where another one reads that, it is a use as well."""
    match node:
        case (
            ast.Assign(targets=[ast.Attribute()], value=value)
            | ast.AnnAssign(target=ast.Attribute(), value=ast.expr() as value)
        ):
            return (value,)
        case _:
            return ()
