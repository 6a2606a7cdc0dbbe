"""Which lists that a target is given may hold something else by the time that its code tests them."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Final

from serotiny.targets.signatures.body.called import is_of_same_object, receiver
from serotiny.targets.signatures.body.frameworks import is_of_framework, is_of_framework_path
from serotiny.targets.signatures.body.refusals.terms import names_in
from serotiny.targets.signatures.body.walked import calls_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from serotiny.targets.signatures.body.refusals.terms import Terms

_KEEPING: Final = {"builtins", "numpy", *sys.stdlib_module_names} - {"bisect", "heapq", "random"}
"""Packages whose functions leave the lists that they get as they are."""


class Changes:
    """Notes what the statements of a function, and of those that it calls, may change in place."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._followed: set[int] = set()

    def among(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of some parameters of the target whose lists may be changed by now."""
        return tuple(sorted(self._names.intersection(names)))

    def follow(self, call: ast.Call) -> None:
        """Note that the whole body which a call runs has been read, with all that it changes."""
        self._followed.add(id(call))

    def note(self, tree: ast.AST, terms: Terms) -> None:
        """Note what a statement, or an expression, may change.

        Args:
            tree: the statement.
            terms: what the names stand for in front of it.
        """
        self._names |= terms.contents_changed_by(tree)
        for call in calls_in(tree):
            written = terms.written_out((*call.args, *(item.value for item in call.keywords)))
            if written and not _keeps(call, terms):
                terms.forget(written)
            if id(call) not in self._followed:
                given = {name for meaning in _handed(call, terms) for name in names_in(meaning)}
                if not given <= self._names and not _keeps(call, terms):
                    self._names |= given


def _handed(call: ast.Call, terms: Terms) -> Iterator[ast.expr]:
    """What a call gives that may be a list: its arguments, and the attributes of the object whose method it is."""
    for argument in (*call.args, *(item.value for item in call.keywords)):
        meaning = terms.normal(argument) if terms.may_know(argument) else None
        if isinstance(meaning, ast.Name | ast.Subscript | ast.IfExp | ast.Call | ast.Tuple):
            yield meaning
    if is_of_same_object(call.func):
        yield from (meaning for key, meaning in terms.stands_for.items() if key.startswith("self."))


def _keeps(call: ast.Call, terms: Terms) -> bool:
    """Whether a call certainly changes no list of those that it gets."""
    own = terms.function
    if is_of_same_object(call.func):
        method = receiver(own, call, terms.resolver)
        return method is not None and method.owner is not None and is_of_framework(method.owner)
    path = (
        None if terms.is_local(call.func) else terms.resolver.imported_path(own.module, own.outer, call.func)
    )
    return path is not None and (path.partition(".")[0] in _KEEPING or is_of_framework_path(path))
