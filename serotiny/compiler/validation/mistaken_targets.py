"""A mapping that was meant to name a class, with the word of another tool or a typo of `_target_`."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.tree import Node
from serotiny.diagnostics import closest

_WORDS: Final = ("target", "class_path", "class", "_class_", "class_name", "cls")


def target_help(node: Node) -> str | None:
    """How to name the class that a mapping without `_target_` seems to name; None when it names none."""
    if not node.is_mapping or node.get("_target_") is not None:
        return None
    for key, child in node.value.items():
        if not isinstance(key, str) or not isinstance(child.value, str) or "." not in child.value:
            continue
        if key in _WORDS or closest(key, ("_target_",), cutoff=0.75) is not None:
            fix = f"write `_target_: {child.value}` instead of `{key}: …`"
            beside = node.get("init_args") or node.get("params") or node.get("kwargs")
            return fix if beside is None else f"{fix}, with its arguments beside it"
    return None
