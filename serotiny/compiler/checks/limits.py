"""Numbers of a target's parameters that are outside of what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.limits import MAX_PROCESSES
from serotiny.compiler.target_nodes import TargetNode, argument, shown, via
from serotiny.diagnostics import Diagnostic
from serotiny.targets.value_types.limits import Limits, violated

AT_MOST_PROCESSES: Final[Limits] = (("le", MAX_PROCESSES),)
"""Of a number each unit of which is a process that is started."""


def outside(target: TargetNode, name: str, limits: Limits, fix: str | None = None) -> Iterator[Diagnostic]:
    """SER303 for each limit that a number is outside of; `fix` says what to do."""
    node = argument(target, name)
    if node is None:
        return
    key = target.place_key(name)
    for limit in violated(limits, node.value):
        message = f"`{key}` must be {limit}, not `{shown(node)}`"
        yield Diagnostic("SER303", message, node.place, key, help=fix, notes=via(node), wanted=limit)
