"""Text from a config, made safe to show on a terminal."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """Control, zero-width and direction-changing characters spelt out; tabs as one space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{ord(character):04x}"
    return character
