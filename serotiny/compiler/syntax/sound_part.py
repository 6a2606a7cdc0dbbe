"""The part of a file that can be read, where a later one is no YAML."""

from __future__ import annotations

import re
from typing import Final

import yaml

from serotiny.compiler.syntax.tree_builder import TreeBuilder, UnreadableError
from serotiny.compiler.tree import Node

_KEY_AT_ROOT: Final = re.compile(r"[^\s#\-].*?:(?:\s|$)")


def sound_part(file: str, text: str, line: int) -> Node | None:
    """The mapping of the root keys that end before a fault; None where there are none.

    Args:
        file: as diagnostics show it.
        text: of the whole file.
        line: of the fault, counted from 1.
    """
    lines = text.splitlines(keepends=True)[:line]
    start = next((at for at in reversed(range(len(lines))) if _KEY_AT_ROOT.match(lines[at])), 0)
    try:
        root = TreeBuilder(file).build("".join(lines[:start])) if start else None
    except (UnreadableError, yaml.YAMLError):
        return None
    return root if root is not None and root.is_mapping and root.value else None
