"""Patterns and helpers that all schemas share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

JsonSchema = dict[str, Any]
"""A JSON Schema; `Any` is JSON data."""

LATER: Final = r"^\?\?\?$|\$\{"
"""Matches a value that is known only later: `???`, or text with an interpolation."""

_LONGEST_DESCRIPTION: Final = 400


def ref(name: str) -> JsonSchema:
    """A reference to a definition of the same document."""
    return {"$ref": f"#/definitions/{name}"}


def escaped(path: str) -> str:
    """A dotted path as a pattern; only dots are escaped, since Unicode mode refuses needless escapes."""
    return path.replace(".", r"\.")


def any_path(paths: Iterable[str]) -> str:
    """A pattern that matches some dotted paths, grouped by module."""
    modules: dict[str, list[str]] = {}
    for path in sorted(paths):
        module, _, name = path.rpartition(".")
        modules.setdefault(module, []).append(name)
    parts = [f"{module and escaped(module + '.')}{_any_of(names)}" for module, names in modules.items()]
    return f"^{_any_of(parts)}$"


def _any_of(patterns: list[str]) -> str:
    return patterns[0] if len(patterns) == 1 else f"(?:{'|'.join(patterns)})"


def shortened(text: str) -> str:
    """A description short enough for a hover, cut at the end of a sentence where possible."""
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    head = text[:_LONGEST_DESCRIPTION]
    sentence = re.match(r".*[.!?](?=\s)", head)
    return sentence[0] if sentence and len(sentence[0]) > _LONGEST_DESCRIPTION // 3 else f"{head.rstrip()}…"
