"""Values in words, as messages and editors show them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_KINDS: Final[Mapping[type, str]] = MappingProxyType(
    {
        bool: "a boolean",
        int: "an integer",
        float: "a float",
        str: "a string",
        dict: "a mapping",
        list: "a list",
        type(None): "null",
    }
)


def kind_in_words(value: Any) -> str:
    """What kind of value it is: `a list`."""
    return _KINDS.get(type(value), type(value).__name__)


def value_in_words(value: Any) -> str:
    """A value and its type in a few words, as YAML would write it: `3 (int)`."""
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return f"{scalar_text(value)} ({type(value).__name__})"
        case str():
            shown = value if len(value) <= 40 else value[:39] + "…"
            return f'"{shown}" (str)'
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return "a mapping"
        case _:
            return type(value).__name__


def scalar_text(value: Any) -> str:
    """A value as YAML writes it: `null`, `true`; text as it is."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
