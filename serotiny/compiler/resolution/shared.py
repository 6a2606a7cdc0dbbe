"""Resolved nodes that the jobs of a call have in common: a node that comes out alike is the same node.

Whoever remembers what was found of a node then finds it again for the next job.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from serotiny.compiler.tree import Node, Reference

_KEPT = 50_000
"""Nodes that are kept; values that are swept over make new ones for each job."""


class SharedNodes:
    """Nodes that were made by resolving others, by what they were made of."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Node, Node]] = {}

    def with_children(self, node: Node, value: dict[Any, Node] | list[Node]) -> Node:
        """The node with other children."""
        children = value.values() if isinstance(value, dict) else value
        return self._of((id(node), *map(id, children)), node, lambda: replace(node, value=value))

    def with_referent(self, node: Node, found: Node, reference: Reference) -> Node:
        """What an interpolation gave, where it is written."""

        def made() -> Node:
            return replace(found, key_place=node.key_place, history=node.history, reference=reference)

        value = found.value
        if isinstance(value, dict | list):
            return made()  # its parts are shared, and it is seldom
        key = (id(node), type(value), repr(value), found.place, found.incomplete, found.written, reference)
        return self._of(key, node, made)

    def _of(self, key: Hashable, node: Node, make: Callable[[], Node]) -> Node:
        known = self._known.get(key)
        if known is None:  # what it was made of is kept, so that nothing else ever has its identity
            known = (node, make())
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = known
        return known[1]
