"""Keys that stand beside the empty key of a file that they were meant to stand below."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from serotiny.compiler.tree import Node
from serotiny.diagnostics import closest

_ALIKE: Final = 0.75
"""From how similar on a key is taken for a misspelt one of those that may stand there."""


def keys_behind_empty(node: Node, known: Collection[str]) -> dict[str, list[str]]:
    """The unknown keys that follow each empty one in its file, which are most likely its own.

    Args:
        node: a mapping.
        known: the keys that may stand in it.
    """
    places = {
        key: place
        for key, child in node.value.items()
        if isinstance(key, str) and (place := child.key_place) is not None and place.file is not None
    }
    found: dict[str, list[str]] = {}
    empty: str | None = None
    for key in sorted(places, key=lambda key: (places[key].file or "", places[key].line or 0)):
        if key in known:
            is_empty = node.value[key].value is None and not node.value[key].written
            empty = key if is_empty else None
        elif (
            empty is not None
            and places[key].file == places[empty].file
            and closest(key, known, _ALIKE) is None
        ):
            found.setdefault(empty, []).append(key)
    return found
