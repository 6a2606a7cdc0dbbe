"""Search the texts of the modules beside a module, which need not be parsed for that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from serotiny.filesystem import matching, read_plain_file

LARGEST_SOURCE: Final = 8_000_000
"""Bytes; a larger file is generated data, and parsing it would take longer than all the rest."""

_MODULES_READ: Final = 300


def mentions(source: Path, text: str) -> bool:
    """Whether a module, or one beside it, has a text in its source."""
    return any(text in _text(file) for file in matching(source.parent, "*.py"))


def defining(source: Path, package: str, name: str) -> tuple[str, ...]:
    """The modules of a package that define a class or function at their top, outer modules first.

    Args:
        source: the package's own file.
        package: its dotted name.
        name: the name of the class or function.
    """
    defines = re.compile(rf"^(?:class|def) {name}\b", re.MULTILINE)
    files = sorted(source.parent.rglob("*.py"), key=lambda file: (len(file.parts), file))
    inner = [
        file.relative_to(source.parent).with_suffix("").parts
        for file in files[:_MODULES_READ]
        if defines.search(_text(file))
    ]
    return tuple(".".join([package, *(part for part in parts if part != "__init__")]) for parts in inner)


def _text(file: Path) -> str:
    try:
        return read_plain_file(file, LARGEST_SOURCE).decode("utf-8", "replace")
    except OSError:
        return ""
