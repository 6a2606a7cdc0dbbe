"""Questions that several checks ask of a target's arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from serotiny.compiler.tree import Node, Unknown
from serotiny.compiler.validate_targets import TargetNode
from serotiny.targets import ParameterKind

_POSITIONAL = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)


def argument(found: TargetNode, name: str) -> Node | None:
    """The node that gives a parameter, by name or in `_args_`; None when the config does not give it."""
    given = found.node.get(name)
    arguments = found.node.get("_args_")
    if given is not None or arguments is None or not arguments.is_list:
        return given
    takes = [item.name for item in found.signature.parameters if item.kind in _POSITIONAL]
    index = takes.index(name) if name in takes else len(takes)
    return arguments.value[index] if index < len(arguments.value) else None


def argument_or_default(found: TargetNode, name: str) -> Any:
    """The plain value that a parameter gets; `Unknown` where it cannot be told."""
    node = argument(found, name)
    if node is not None:
        return plain(node)
    parameter = found.signature.parameter(name)
    if parameter is None or parameter.default is None or not parameter.default.literal:
        return Unknown()
    return parameter.default.value


def plain(node: Node) -> Any:
    """The plain value of a node; `Unknown` when a part of it is."""
    return Unknown() if any(isinstance(item.value, Unknown) for item in _all(node)) else node.plain()


def shown(node: Node) -> str:
    """A scalar as a message may show it: what comes from the environment as it was written."""
    if node.reference is not None and node.reference.secret:
        return node.reference.text
    return str(node.value)


def via(node: Node) -> tuple[str, ...]:
    """A note that names the interpolation, when the value was written elsewhere."""
    reference = node.reference
    if reference is None or reference.place == node.place:
        return ()
    return (f"reached through `{reference.text}` at {reference.place}",)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for _, child in node.children():
        yield from _all(child)
