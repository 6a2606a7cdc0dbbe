"""The texts that a module compares something with: `if cfg.mode == "fast"`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Comparisons:
    """What one module compares with texts.

    Attributes:
        texts: the texts that anything is compared with.
        values: likewise, each with the name by which it calls, or reads, what it compares.
    """

    texts: frozenset[str]
    values: frozenset[tuple[str, str]]

    @classmethod
    def of_module(cls, tree: ast.Module) -> Comparisons:
        """What a module compares."""
        compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
        parts = (part for node in compared for part in (node.left, *node.comparators))
        pairs = ((node.left, part) for node in compared for part in node.comparators)
        return cls(
            texts=frozenset(text for part in parts for text in _text_of(part)),
            values=frozenset(
                (name, text)
                for left, right in pairs
                for one, other in ((left, right), (right, left))
                for name in names_of(one)
                for text in _texts_in(other)
            ),
        )

    def to_json(self) -> list[Any]:
        """It as JSON data."""
        return [sorted(self.texts), sorted(self.values)]

    @classmethod
    def from_json(cls, data: Any) -> Comparisons:
        """It from that data.

        Raises:
            ValueError: it has another shape; TypeError may be raised too.
        """
        texts, values = data
        return cls(texts=frozenset(map(str, texts)), values=frozenset((name, text) for name, text in values))


def names_of(expression: ast.expr) -> Iterator[str]:
    """The name by which code calls, or reads, something."""
    match expression:
        case ast.Name(id=found) | ast.Attribute(attr=found):
            yield found
        case (
            ast.Subscript(slice=ast.Constant(value=str(found)))
            | ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(found)), *_])
        ):
            yield found
        case _:
            pass


def _texts_in(expression: ast.expr) -> Iterator[str]:
    items = expression.elts if isinstance(expression, ast.List | ast.Tuple | ast.Set) else [expression]
    for item in items:
        yield from _text_of(item)


def _text_of(expression: ast.expr) -> Iterator[str]:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
