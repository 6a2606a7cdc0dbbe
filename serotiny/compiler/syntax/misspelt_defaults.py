"""A defaults list under a misspelt key, which Hydra takes for a value like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from serotiny.compiler.syntax.defaults_list import DefaultsEntry, read_entry
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, closest

_DEFAULTS: Final = "defaults"
_ALIKE: Final = 0.87
_ALMOST_ALIKE: Final = 0.8
"""The likeness that is enough where the entries name configs that are there."""


def with_meant_defaults(document: Document, is_config: Callable[[DefaultsEntry], bool]) -> Document:
    """The document with the defaults list that was meant, and SER109 at its key; any other one as it is.

    Args:
        document: as it was read.
        is_config: whether an entry of its names configs that are there.
    """
    root = document.root
    if not root.is_mapping or _DEFAULTS in root.value:
        return document
    key = next((key for key, node in root.value.items() if _is_meant(key, node, is_config)), None)
    if key is None:
        return document
    listed = root.value[key]
    others = {name: node for name, node in root.value.items() if name != key}
    message = f"Hydra reads no defaults list from `{key}`"
    fault = Diagnostic("SER109", message, listed.blame_key(), str(key), suggestion=_DEFAULTS)
    return replace(
        document,
        root=replace(root, value={_DEFAULTS: listed, **others}),
        diagnostics=(*document.diagnostics, fault),
    )


def _is_meant(key: object, node: Node, is_config: Callable[[DefaultsEntry], bool]) -> bool:
    """Whether a key is almost `defaults`, and what it holds can be nothing but its entries.

    A list that was put aside by another name (`_defaults`, `defaults_old`) is none.
    """
    if not isinstance(key, str) or not key.isalpha() or not node.is_list or not node.value:
        return False
    if closest(key, (_DEFAULTS,), cutoff=_ALMOST_ALIKE) is None or key[0] not in "dD":
        return False
    entries = [read_entry(item) for item in node.value]
    known = [entry for entry in entries if isinstance(entry, DefaultsEntry)]
    if len(known) < len(entries):
        return False
    if closest(key, (_DEFAULTS,), cutoff=_ALIKE) is not None and key != "default":
        return True
    # `default` is a word of its own, under which there may be a list of names
    if any(entry.is_self or entry.override for entry in known):
        return True
    named = [entry for entry in known if not _may_name_nothing(entry)]
    return bool(named) and all(map(is_config, named))


def _may_name_nothing(entry: DefaultsEntry) -> bool:
    """Whether an entry need not name a config that is there."""
    return entry.optional or entry.value in (None, "???") or "${" in entry.written
