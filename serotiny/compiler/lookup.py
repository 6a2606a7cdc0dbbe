"""Find the node that keys name, or the one that was probably meant by keys that lead to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from serotiny.compiler.tree import Keys, Node, select, walk
from serotiny.diagnostics import closest

MAX_SEARCHED: Final = 1_000
"""The most keys that are searched for the one that was probably meant."""


def named_child(node: Node, key: Any) -> Node | None:
    """A child by the text of its key, as OmegaConf finds it, so that `1` also finds the integer key 1."""
    child = node.get(key)
    if child is not None or not node.is_mapping:
        return child
    if not _may_be_typed(str(key)):
        return None
    return next((child for name, child in node.value.items() if str(name) == str(key)), None)


def _may_be_typed(key: str) -> bool:
    """Whether a key could be the text of a number, boolean or None."""
    return (
        key in ("True", "False", "None") or key.lstrip("-")[:1].isdecimal() or key in ("inf", "-inf", "nan")
    )


def reach(root: Node, keys: Keys) -> tuple[int, Node]:
    """How far `keys` exist: the number of those that do, and the node at that path."""
    here = root
    for depth, key in enumerate(keys):
        child = select(here, (key,)) or named_child(here, key)
        if child is None:
            return depth, here
        here = child
    return len(keys), here


def first_paths(root: Node) -> dict[str, Keys]:
    """The first path of a tree that ends in each name, of those that are looked at; any node may have `_target_`."""
    found: dict[str, Keys] = {}
    for path, _ in islice(walk(root), MAX_SEARCHED):
        if path and not (str(path[-1]).startswith("_") and str(path[-1]).endswith("_")):
            found.setdefault(str(path[-1]), path)
    return found


def closest_keys(
    root: Node, keys: Keys, declared: Iterable[str] = (), firsts: Mapping[str, Keys] | None = None
) -> Keys | None:
    """The existing keys that were probably meant by `keys`, which do not exist.

    Args:
        root: the tree.
        keys: as written.
        declared: further names that could be set in place of the first missing one.
        firsts: the `first_paths` of the tree, for whoever asks often.

    Returns:
        The keys up to the first missing one, which is replaced by the most similar name; or else the first path of
        the tree that ends in the same name; None when there is neither.
    """
    depth, parent = reach(root, keys)
    if depth == len(keys):
        return None
    siblings = (str(key) for key, _ in islice(parent.children(), MAX_SEARCHED))
    name = closest(str(keys[depth]), [*siblings, *declared])
    if name is not None:
        return (*keys[:depth], name)
    if str(keys[-1]).isdecimal():  # an element of another list is not meant
        return None
    return (first_paths(root) if firsts is None else firsts).get(str(keys[-1]))
