"""Text from files as Markdown without links, pictures or HTML, which a file could use to deceive."""

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
    """Markdown with its tags, links and pictures escaped; emphasis, lists and code stay."""
    lines = (visible(line) for line in (text or "").split("\n"))
    return _MARKUP.sub(lambda found: f"\\{found[0]}", "\n".join(lines))
