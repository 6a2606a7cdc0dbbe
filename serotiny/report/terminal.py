"""Text from a config, made safe to show on a terminal."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from typing import TextIO


def visible(text: str) -> str:
    """The text with control, zero-width and direction-changing characters spelt out, and tabs as one space."""
    if text.isascii() and text.isprintable():
        return text
    # of the few characters there are, since a text may have millions
    shown = {ord(character): _shown(character) for character in set(text)}
    return text.translate(shown)


def width(text: str) -> int:
    """The number of terminal columns of `text`: two for a wide character, none for a combining mark."""
    shown = visible(text)
    return len(shown) if shown.isascii() else sum(_columns(character) for character in shown)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    return f"\\u{ord(character):04x}" if is_hidden(character) else character


def is_hidden(character: str) -> bool:
    """Whether a character is invisible: it controls, joins or changes the direction of others."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True)
class Style:
    """Colours text by its role, or leaves it unchanged."""

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
    """Colours only on a terminal, and not if `NO_COLOR` is set (https://no-color.org)."""
    wanted = stream.isatty() and os.environ.get("NO_COLOR", "") == "" and os.environ.get("TERM") != "dumb"
    return Style(colour=wanted)
