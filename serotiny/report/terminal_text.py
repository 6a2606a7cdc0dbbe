"""Text from a config, made safe to show on a terminal."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """Control, zero-width and direction-changing characters spelt out; tabs as one space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def width(text: str) -> int:
    """How many columns of a terminal `text` takes once it is visible: two for a wide character, none for a mark."""
    shown = visible(text)
    return len(shown) if shown.isascii() else sum(_columns(character) for character in shown)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{ord(character):04x}"
    return character
