"""SER309: a misspelt `_target_`, without which Hydra makes nothing of a node, in silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from functools import partial
from typing import Final

from serotiny.compiler.tree import Keys, Node, join, walk
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.diagnostics import Diagnostic, Place, closest

_TARGET: Final = "_target_"
_OTHER_WORDS: Final = frozenset({"_class_", "_cls_"})
_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def misspelt_targets(
    root: Node, memo: NodeMemo, told: Set[str | None], is_read: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    """SER309 for each key that is almost `_target_`, or another word for it, with a dotted path, in a node that has none.

    Args:
        root: the values of a job.
        memo: results for the same nodes of other jobs.
        told: the keys with faults of their own: where a target is missed, that says what to write.
        is_read: whether the project's own code has a word, as what reads such a key itself has.
    """
    seen: set[Place] = set()  # of a node to which others refer
    for name, part in root.children():
        for keys, node in memo.of((_TARGET, name), [part], partial(_misspelt, part, (name,))):
            holder = keys[:-1]
            is_told = not told.isdisjoint(map(join, (holder, keys, (*holder, _TARGET))))
            place = node.blame_key()
            if not is_told and place not in seen and not is_read(str(keys[-1])):
                seen.add(place)
                message = f"`{join(holder)}` has no `_target_`, so nothing is made of it"
                yield Diagnostic("SER309", message, place, join(keys), suggestion=_TARGET)


def _misspelt(part: Node, keys: Keys) -> list[tuple[Keys, Node]]:
    return [
        ((*at, key), child)
        for at, node in walk(part, keys)
        if node.is_mapping and not node.incomplete and node.get(_TARGET) is None
        for key, child in node.children()
        if isinstance(key, str) and _is_meant(key) and _is_path(child.value)
    ]


def _is_meant(key: str) -> bool:
    # `target` and `target_path` are what other tools than Hydra read
    is_hydras = key.startswith("_") or key.endswith("_")
    return is_hydras and (key in _OTHER_WORDS or closest(key, (_TARGET,)) is not None)


def _is_path(value: object) -> bool:
    return isinstance(value, str) and _PATH.fullmatch(value) is not None
