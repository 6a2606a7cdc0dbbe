"""Resolved nodes that the jobs of a call share: equal results of resolving a node are the same object.

What a later stage remembers by the identity of a node is thereby found again for the next job.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from serotiny.compiler.tree import UNKNOWN, Node, Reference

_KEPT = 50_000
"""The most nodes that are kept; swept values make new ones for each job."""


class SharedNodes:
    """Nodes that were made by resolving others, by what they were made of."""

    def __init__(self) -> None:
        self._sizes: dict[int, tuple[Node, int, int]] = {}
        self._known: dict[Hashable, tuple[tuple[Node, ...], Node]] = {}
        self._plain: dict[int, Node] = {}

    @property
    def sizes(self) -> dict[int, tuple[Node, int, int]]:
        """What each `Budget` has counted; emptied for the next one where it has become too large."""
        if len(self._sizes) >= _KEPT:
            self._sizes.clear()
        return self._sizes

    def is_plain(self, node: Node) -> bool:
        """Whether there is nothing to resolve in a mapping or a list, as `plain` was told."""
        return id(node) in self._plain

    def plain(self, node: Node) -> Node:
        """The node, in which there is nothing to resolve."""
        if len(self._plain) >= _KEPT:
            self._plain.clear()
        self._plain[id(node)] = node
        return node

    def unknown(self, node: Node, reference: Reference) -> Node:
        """The node with a value that is not known."""
        key = (id(node), UNKNOWN, reference)
        return self._of(key, (node,), lambda: replace(node, value=UNKNOWN, reference=reference))

    def with_children(self, node: Node, value: dict[Any, Node] | list[Node]) -> Node:
        """The node with other children."""
        children = value.values() if isinstance(value, dict) else value
        return self._of((id(node), *map(id, children)), (node,), lambda: node.with_value(value))

    def with_referent(self, node: Node, found: Node, reference: Reference) -> Node:
        """The result of an interpolation, at the key that it is written at."""

        def made() -> Node:
            return replace(found, key_place=node.key_place, history=node.history, reference=reference)

        value = found.value
        if isinstance(value, dict | list):
            return self._of((id(node), id(found), reference), (node, found), made)
        key = (id(node), type(value), repr(value), found.place, found.incomplete, found.written, reference)
        return self._of(key, (node,), made)

    def _of(self, key: Hashable, made_of: tuple[Node, ...], make: Callable[[], Node]) -> Node:
        known = self._known.get(key)
        if known is None:  # the original nodes are kept, so that no others can get their ids
            known = (made_of, make())
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = known
        return known[1]
