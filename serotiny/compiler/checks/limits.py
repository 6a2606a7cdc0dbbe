"""Numbers of a target's parameters that are outside of what it takes."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Final

from serotiny.compiler.target_nodes import TargetNode, argument, shown, via
from serotiny.diagnostics import Diagnostic

Limits = tuple[tuple[str, float], ...]
"""`ge` or `le`, each with the number that it is compared with."""

_WORDS: Final = {"ge": "at least", "le": "at most"}
_OUTSIDE: Final = {"ge": operator.lt, "le": operator.gt}


def outside(target: TargetNode, name: str, limits: Limits, fix: str | None = None) -> Iterator[Diagnostic]:
    """SER303 for each limit that a number is outside of; `fix` says what to do."""
    node = argument(target, name)
    if node is None or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return
    for word, limit in limits:
        if _OUTSIDE[word](node.value, limit):
            key = target.place_key(name)
            message = f"`{key}` must be {_WORDS[word]} {limit:g}, not `{shown(node)}`"
            yield Diagnostic("SER303", message, node.place, key, help=fix, notes=via(node))
