"""What was found of a node, for the other jobs of the same call that have the very same node."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from serotiny.compiler.tree import Keys, Node

T = TypeVar("T")

_KEPT = 20_000
"""Answers that are kept; a sweep over a value of a node makes a new node for each job."""


class NodeMemo:
    """Answers about nodes, which are immutable: those of one call, while no file changes."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Sequence[Node], Any]] = {}

    def of(self, question: Hashable, nodes: Sequence[Node], answer: Callable[[], T]) -> T:
        """What `answer` gives, asked once for these very nodes.

        Args:
            question: what is asked of them.
            nodes: all that the answer depends on besides.
            answer: finds the answer.
        """
        key = (question, tuple(map(id, nodes)))
        known = self._known.get(key)
        if known is None:  # the nodes are kept, so that no other ever has the identity of one of them
            known = (nodes, answer())
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = known
        found: T = known[1]
        return found


def parts_with_targets(root: Node, targets: Sequence[Keys]) -> list[Node]:
    """The top-level nodes that hold something with a `_target_`."""
    names = dict.fromkeys(keys[0] for keys in targets if keys)
    return [root.value[name] for name in names]
