"""A cache of results for nodes that jobs of the same call share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from serotiny.cache.questions import Noting, Question, note
from serotiny.compiler.tree import Keys, Node

T = TypeVar("T")

_KEPT = 20_000
"""The number of answers that are kept; a sweep over a value makes new nodes for each job."""


class NodeMemo:
    """Cached answers about nodes, which are immutable. Use one memo for one call, during which no file changes."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Sequence[Node], Any, set[Question]]] = {}

    def of(self, question: Hashable, nodes: Sequence[Node], answer: Callable[[], T]) -> T:
        """The result of `answer`, which is called once for these nodes, compared by identity.

        Args:
            question: the question about the nodes, part of the key.
            nodes: all nodes that the answer depends on.
            answer: computes the answer.
        """
        key = (question, tuple(map(id, nodes)))
        known = self._known.get(key)
        if known is None:  # the nodes are kept alive, so that no other object gets the id of one of them
            with Noting() as asked:
                known = (nodes, answer(), asked)
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = known
        else:  # who gets an answer again depends on the same things
            note(known[2])
        found: T = known[1]
        return found


def parts_with_targets(root: Node, targets: Sequence[Keys]) -> list[Node]:
    """The top-level nodes that contain one of these targets."""
    names = dict.fromkeys(keys[0] for keys in targets if keys)
    return [root.value[name] for name in names]
