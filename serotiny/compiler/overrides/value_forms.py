"""How values of a type are written, for one that is nothing like it."""

from __future__ import annotations

import re
from typing import Final

SWITCHES: Final = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
LISTS: Final = frozenset({"list", "tuple", "set", "Sequence"})
ROW: Final = re.compile(r"\(?([\w.-]+(?:, ?[\w.-]+)+)\)?")
"""Several elements as Python writes them."""
CLASS: Final = re.compile(r"\w\.\w")
"""The name of a class in the words of a type."""
_ELEMENT: Final = re.compile(r"[\w./-]+")
_OF_NUMBERS: Final = frozenset({"int", "float", "or", "null", "torch", "Tensor"})
"""The words of a type that is a number, or nothing but that."""
_OF_TEXTS: Final = frozenset({"str", "path", "or", "null"})


def written_as_list(text: str) -> str | None:
    """How to write a list for a text that names one element, or several as in Python; None for other texts."""
    row = ROW.fullmatch(text)
    if row is not None:
        return f"write `[{row[1]}]`"
    return f"write `[{text}]`" if _ELEMENT.fullmatch(text) else None


def form_of(value: object, expected: str) -> str | None:
    """How numbers, switches, texts, lists and mappings are written, for a value that is like none of them.

    Args:
        value: the value.
        expected: the type in words.
    """
    words = set(re.findall(r"\w+", expected))
    if words & {"int", "float"} and not words - _OF_NUMBERS:
        return "write a number, such as `0.5`" if "float" in words else "write a whole number, such as `10`"
    if CLASS.search(expected) or "callable" in words:
        return None
    if expected.startswith("mapping"):
        return "write a mapping: `{NAME: VALUE}`"
    if words & LISTS:
        element = written_as_list(value) if isinstance(value, str) and "str" in words else None
        return element or "write a list: `[…, …]`"
    if "str" in words and not words - _OF_TEXTS:
        return "write a text"
    return "write `true` or `false`" if "bool" in words and not words & {"int", "float", "str"} else None
