"""How a target calls what one of its parameters holds: `self.optimizer(self.parameters(), lr=1e-3)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.signature import CallForm
from serotiny.targets.signatures.body.called import FARTHEST, called, handed_on, receiver
from serotiny.targets.signatures.body.subjects import bodies_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.signatures.body.called import Called

_NOT_READ: Final = ("torch.", "pytorch_lightning.", "lightning.")
"""Classes that call nothing that a config gives them."""


def calls_of_argument(symbol: Symbol, name: str, resolver: NameResolver) -> tuple[CallForm, ...]:
    """The calls of what a parameter holds; empty where there is none, or one passes what the source does not tell."""
    taking = (function for function in called(symbol, resolver) if name in function.given)
    function = next(taking, None)
    found = [] if function is None else [*_calls(function, name, resolver, depth=0)]
    known = [form for form in found if form is not None]
    return tuple(dict.fromkeys(known)) if len(known) == len(found) else ()


def _calls(function: Called, name: str, resolver: NameResolver, depth: int) -> Iterator[CallForm | None]:
    line = [base for base in function.line if not base.path.startswith(_NOT_READ)]
    bodies = [*bodies_of(function.node, function.owner, line)]
    for body in bodies:
        for node in ast.walk(body.node):
            if isinstance(node, ast.Call) and body.subject(node.func) == name:
                yield _form(node)
    for call in ast.walk(function.node):
        inner = (
            receiver(function, call, resolver) if isinstance(call, ast.Call) and depth < FARTHEST else None
        )
        if isinstance(call, ast.Call) and inner is not None:
            for taken, value in handed_on(call, inner):
                if bodies[0].subject(value) == name:
                    yield from _calls(inner, taken, resolver, depth + 1)


def _form(call: ast.Call) -> CallForm | None:
    """None for a call with `*args` or `**kwargs`."""
    names = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    is_open = len(names) < len(call.keywords) or any(isinstance(item, ast.Starred) for item in call.args)
    return None if is_open else CallForm(len(call.args), tuple(names))
