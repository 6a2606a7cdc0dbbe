"""The overrides that are typed most, parsed by regular expressions.

Hydra's grammar takes a millisecond for an argument, and some 100 ms to import. The forms that are parsed here are a
part of it: words, numbers, texts in quotes without backslashes, flat lists of those, and comma-separated sweeps
over those.
"""

from __future__ import annotations

import re
from typing import Any

from serotiny.compiler.syntax.override import Choices, Override
from serotiny.compiler.syntax.words import ID, INT, UNQUOTED, is_quoted, item, items, value_of

_STEP = rf"(?:{ID}|{INT})"
_DOT_PATH = rf"{_STEP}(?:\.{_STEP})+"
_ARGUMENT = re.compile(
    rf"(?P<sign>\+\+|\+|~|)(?P<key>{ID}(?:/{ID})*|{_DOT_PATH})(?:@(?P<package>{ID}|{_DOT_PATH}|))?"
    r"(?:=(?P<value>.*))?",
    re.ASCII | re.DOTALL,
)
_ITEM = item(rf"(?:{UNQUOTED}|\$\{{[^{{}}]+\}})", r"\\")
_ITEMS = items(_ITEM)
_VALUE = re.compile(rf"(?P<item>{_ITEM})|\[(?P<list>(?:{_ITEMS})?)\]|(?P<sweep>{_ITEMS})", re.ASCII)
_EACH_ITEM = re.compile(_ITEM, re.ASCII)

_NO_VALUE = {"spelling": "null"}
_ESCAPED = re.compile(r"[()\[\]{}:=, \t]")

_LONG_ITEM = re.compile(r"[^\[\],]{4000}")
"""What may hold an integer of so many digits that Python refuses to convert it, as Hydra does."""


def parse_simple(argument: str) -> Override | None:
    """Parse an argument as Hydra's grammar does; None for one that may be more than is known here, or no override."""
    found = _ARGUMENT.fullmatch(argument) if _LONG_ITEM.search(argument) is None else None
    if found is None:
        return None
    value = found["value"]
    parts = _value(value) if value is not None else _NO_VALUE if found["sign"] == "~" else None
    if parts is None:
        return None
    return Override(
        text=argument, sign=found["sign"], key_or_group=found["key"], package=found["package"], **parts
    )


def _value(text: str) -> dict[str, Any] | None:
    """The fields of an override that depend on its value."""
    if not text:
        return {"value": "", "spelling": ""}
    found = _VALUE.fullmatch(text)
    if found is None:
        return None
    if found["item"] is not None:
        return {"value": value_of(text), "spelling": _spelling(text), "is_quoted": is_quoted(text)}
    texts = _EACH_ITEM.findall(found["list"] or found["sweep"] or "")
    spellings = tuple(map(_spelling, texts))
    if found["sweep"] is not None:
        return {"sweep": Choices(spellings)}
    return {"value": [*map(value_of, texts)], "spelling": f"[{','.join(spellings)}]"}


def _spelling(text: str) -> str:
    """An item as Hydra writes it."""
    if is_quoted(text):
        return text
    value = value_of(text)
    if value is None:
        return "null"
    return _ESCAPED.sub(r"\\\g<0>", value) if isinstance(value, str) else str(value)
