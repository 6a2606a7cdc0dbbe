"""What set each value of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from serotiny.compiler.plan.shape import as_planned
from serotiny.compiler.project import Layout
from serotiny.compiler.tree import Node
from serotiny.credentials.detection import mask_source
from serotiny.diagnostics import Origin, Place
from serotiny.plain_config import join, leaves


def origins_of(root: Node, layout: Layout) -> dict[str, str]:
    """The origin of each value, by its dotted key in the plan: a file and line, an override or a default.

    Args:
        root: the resolved config.
        layout: where its parts are.
    """
    return {
        join(keys): value.text
        for keys, value in leaves(as_planned(_places(root), layout))
        if isinstance(value, _Setter)
    }


class _Setter:
    """What set a value, in the value's place; the defaults that a plan is filled up with are none."""

    def __init__(self, place: Place) -> None:
        is_file = place.origin is Origin.FILE
        self.text = f"{place.file}:{place.line}" if is_file else mask_source(str(place)).text

    def __bool__(self) -> bool:
        return False  # as `null`, where a whole part is looked for


def _places(node: Node) -> Any:
    if isinstance(node.value, dict | list) and node.value:
        children: Iterator[tuple[Any, Node]] = iter(node.children())
        found = {key: _places(child) for key, child in children}
        return found if isinstance(node.value, dict) else list(found.values())
    return _Setter(node.written_at)
