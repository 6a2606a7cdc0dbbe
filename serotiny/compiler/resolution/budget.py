"""How much the interpolations of one job may insert: references to references double what there is."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.compiler.limits import (
    MAX_DEPTH,
    MAX_GRAMMAR_TEXTS,
    MAX_INTERPOLATED_TEXT,
    MAX_JOB_VALUES,
    TOO_MANY_VALUES,
)
from serotiny.compiler.resolution.grammar import needs_grammar
from serotiny.compiler.tree import Keys, Node, join

_PUT_IN_LESS = "refer to single values in place of whole parts, and to each once"


@dataclass(frozen=True)
class Excess:
    """A limit that is passed.

    Attributes:
        message: what is too much; None where it has been told at an earlier value.
        fix: what to do about it, if there is something.
    """

    message: str | None = None
    fix: str | None = None


@dataclass
class Budget:
    """What has been inserted so far.

    Attributes:
        sizes: how many values each node holds that was counted, and in how many levels, by its identity.
        is_spent: the job has as many values as it may have.
    """

    sizes: dict[int, tuple[Node, int, int]]
    is_spent: bool = False
    _values: int = 0
    _texts: int = 0

    def written(self, node: Node) -> Excess | None:
        """Count the values of a part as it is written."""
        self._values += self._size(node)[0]
        if self._values <= MAX_JOB_VALUES:
            return None
        self.is_spent = True
        return Excess(f"the values of this job come to more than {MAX_JOB_VALUES:,} here", TOO_MANY_VALUES)

    def parsed(self, text: str) -> Excess | None:
        """Count a text that is evaluated, if it takes OmegaConf's grammar to read it."""
        self._texts += needs_grammar(text)
        if self._texts <= MAX_GRAMMAR_TEXTS:
            return None
        is_first = self._texts == MAX_GRAMMAR_TEXTS + 1
        return Excess(f"more than {MAX_GRAMMAR_TEXTS:,} texts of one job ask resolvers" if is_first else None)

    def inserted(self, found: Node, keys: Keys) -> Excess | None:
        """Count what an interpolation at `keys` inserts."""
        if isinstance(found.value, str) and len(found.value) > MAX_INTERPOLATED_TEXT:
            message = f"`{join(keys)}` comes to more than {MAX_INTERPOLATED_TEXT:,} characters"
            return Excess(message, _PUT_IN_LESS)
        size, levels = self._size(found)
        if len(keys) + levels > MAX_DEPTH:
            message = f"`{join(keys)}` would be nested deeper than {MAX_DEPTH} levels with what it refers to"
            return Excess(message, _PUT_IN_LESS)
        self._values += size
        if self._values <= MAX_JOB_VALUES:
            return None
        if self.is_spent:
            return Excess()
        self.is_spent = True
        message = f"with its interpolations the job comes to more than {MAX_JOB_VALUES:,} values here"
        return Excess(message, _PUT_IN_LESS)

    def _size(self, node: Node) -> tuple[int, int]:
        """How many values a node holds, and in how many levels. A shared node counts each time, but is looked at once."""
        if not node.is_mapping and not node.is_list:
            return 1, 0
        known = self.sizes.get(id(node))
        if known is None:
            # the node is kept, so that no other can get its id
            inner = [self._size(child) for _, child in node.children()]
            values, levels = (
                1 + sum(size for size, _ in inner),
                1 + max((deep for _, deep in inner), default=0),
            )
            known = self.sizes[id(node)] = (node, values, levels)
        return known[1:]
