"""Markdown of what comes from files: it is shown, and does nothing."""

from __future__ import annotations

import re
from typing import Final

from serotiny.report.terminal import visible

_RUN: Final = re.compile(r"`+")
_MARKUP: Final = re.compile(r"<(?=[A-Za-z/!?])|(?<=\])\((?=\S)|(?<=\])\[")


def code(value: object) -> str:
    """A text as code in a line, whatever it holds."""
    text = visible(str(value)) or " "
    fence = "`" * (1 + max((len(run) for run in _RUN.findall(text)), default=0))
    space = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{space}{text}{space}{fence}"


def inert(text: str | None) -> str:
    """A documentation without tags, links and pictures; its emphasis, lists and code stay."""
    lines = (visible(line) for line in (text or "").split("\n"))
    return _MARKUP.sub(lambda found: f"\\{found[0]}", "\n".join(lines))
