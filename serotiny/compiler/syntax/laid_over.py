"""What is merged where a mapping or list is laid over a reference to another one."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.syntax.references import LONGEST_CHAIN, reference_to
from serotiny.compiler.tree import Keys, Node, replace_at, select


def with_copies(root: Node, top: Node, at: Keys = ()) -> Node:
    """The tree with copies of what its references lead to, where `top` has a mapping or list at their keys.

    So does OmegaConf, which then merges the two. A reference that leads to nothing yet is replaced.
    """
    base = select(root, at)
    for keys, part in () if base is None else _laid_over_references(base, top, at):
        copy = _followed(root, keys)
        if copy is not None and (copy.is_mapping or copy.is_list):
            root = with_copies(replace_at(root, keys, copy), part, keys)
    return root


def _laid_over_references(base: Node, top: Node, keys: Keys) -> Iterator[tuple[Keys, Node]]:
    """The keys of references in `base` at which `top` has a mapping or list, each with that."""
    if isinstance(base.value, str) and base.value.startswith("${") and (top.is_mapping or top.is_list):
        yield keys, top
    elif base.is_mapping and top.is_mapping:
        for key, child in top.value.items():
            below = base.get(key)
            if below is not None:
                yield from _laid_over_references(below, child, (*keys, key))


def _followed(root: Node, keys: Keys) -> Node | None:
    """The node that the text at some keys refers to, however many references lead there."""
    for _ in range(LONGEST_CHAIN):
        node = select(root, keys)
        meant = reference_to(node.value, keys) if node is not None and isinstance(node.value, str) else None
        if meant is None:
            return node
        keys = meant
    return None
