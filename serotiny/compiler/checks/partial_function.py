"""SER302 and SER303: the function of a `functools.partial`, which it takes by its position and calls as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import TargetNode, shown, via
from serotiny.compiler.tree import Unknown, join
from serotiny.diagnostics import Diagnostic

_PARTIAL: Final = "functools.partial"
_ARGUMENTS: Final = "_args_"


def check_partial_function(context: CheckContext) -> Iterator[Diagnostic]:
    """Each `functools.partial` whose function is a text, which nothing imports, or is not among its `_args_`."""
    for target in context.targets.values():
        if target.target.value == _PARTIAL and not target.is_partial and not target.called_later:
            yield from _faults(target)


def _faults(target: TargetNode) -> Iterator[Diagnostic]:
    given = target.node.get(_ARGUMENTS)
    if given is not None and isinstance(given.value, Unknown):
        return
    function = next((child for _, child in given.children()), None) if given is not None else None
    if function is None:
        named = target.node.get("func")
        what = named.value if named is not None and isinstance(named.value, str) else "…"
        message, place = (
            f"`{_PARTIAL}` needs its function as the first of `{_ARGUMENTS}`",
            target.target.place,
        )
        yield Diagnostic("SER302", message, place, target.place_key(_ARGUMENTS), help=_written_as(what))
    elif not function.is_mapping and not isinstance(function.value, Unknown):
        key = join((*target.keys, _ARGUMENTS, 0))
        message = f"`{key}` must be callable, not `{shown(function)}`, which nothing imports here"
        what = function.value if isinstance(function.value, str) else "…"
        yield Diagnostic("SER303", message, function.place, key, help=_written_as(what), notes=via(function))


def _written_as(name: str) -> str:
    return f"write `_target_: {name}` and `_partial_: true` in place of it"
