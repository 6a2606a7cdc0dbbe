"""Words, numbers and texts in quotes, as the grammars of Hydra's overrides and of OmegaConf's interpolations read them."""

from __future__ import annotations

import re
from typing import Final

# the names are those of the tokens in both grammars
ID: Final = r"[A-Za-z_][\w-]*"
INT: Final = r"(?:0|[1-9](?:_?[0-9])*)"
UNQUOTED: Final = r"[\w/\-+.%*@?|:]"
"""A character that can stand in a word."""

_DIGITS = r"[0-9](?:_?[0-9])*"
_POINT = rf"(?:{INT}\.|{INT}?\.{_DIGITS})"
_WHOLE_NUMBER = re.compile(rf"[+-]?{INT}", re.ASCII)
_NUMBER = re.compile(
    rf"[+-]?(?:{_POINT}|(?:{INT}|{_POINT})e[+-]?{_DIGITS}|inf|nan)", re.ASCII | re.IGNORECASE
)
_CONSTANTS = {"null": None, "true": True, "false": False}


def item(character: str, not_quoted: str) -> str:
    """The pattern of a word of characters, with spaces between them, or of a text in quotes.

    Args:
        character: the pattern of a character.
        not_quoted: characters of which none stands in a text in quotes, so that it is taken as it is.
    """
    word = rf"{character}(?: *{character})*"
    return rf"(?:'[^'{not_quoted}]*'|\"[^\"{not_quoted}]*\"|{word})"


def items(one: str) -> str:
    """The pattern of items with commas between them."""
    return rf"{one}(?: *, *{one})*"


def is_quoted(text: str) -> bool:
    """Whether an item is a text in quotes."""
    return text[0] in "'\""


def value_of(text: str) -> str | int | float | bool | None:
    """The value of an item.

    Raises:
        ValueError: it is an integer with more digits than Python converts.
    """
    if is_quoted(text):
        return text[1:-1]
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
