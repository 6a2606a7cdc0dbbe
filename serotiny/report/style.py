"""Colour, where there is a terminal that shows it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Style:
    """Paints text by its role, or leaves it alone."""

    colour: bool

    def error(self, text: str) -> str:
        return self._paint("1;31", text)

    def warning(self, text: str) -> str:
        return self._paint("1;33", text)

    def good(self, text: str) -> str:
        return self._paint("32", text)

    def strong(self, text: str) -> str:
        return self._paint("1", text)

    def faint(self, text: str) -> str:
        return self._paint("2", text)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


PLAIN = Style(colour=False)


def style_for(stream: TextIO) -> Style:
    """Colour only on a terminal, and never against `NO_COLOR` (https://no-color.org)."""
    wanted = stream.isatty() and os.environ.get("NO_COLOR", "") == "" and os.environ.get("TERM") != "dumb"
    return Style(colour=wanted)
