"""The overrides that are typed most, parsed by regular expressions.

Hydra's grammar takes a millisecond for an argument, and some 100 ms to import. The forms that are parsed here are a
part of it: words, numbers, texts in quotes without backslashes, flat lists of those, and comma-separated sweeps
over those.
"""

from __future__ import annotations

import re
from typing import Any

from serotiny.compiler.syntax.override import Choices, Override

# the names are those of the tokens in Hydra's grammar
_ID = r"[A-Za-z_][\w-]*"
_INT = r"(?:0|[1-9](?:_?[0-9])*)"
_DIGITS = r"[0-9](?:_?[0-9])*"
_POINT = rf"(?:{_INT}\.|{_INT}?\.{_DIGITS})"
_STEP = rf"(?:{_ID}|{_INT})"
_DOT_PATH = rf"{_STEP}(?:\.{_STEP})+"

_ARGUMENT = re.compile(
    rf"(?P<sign>\+\+|\+|~|)(?P<key>{_ID}(?:/{_ID})*|{_DOT_PATH})(?:@(?P<package>{_ID}|{_DOT_PATH}|))?"
    r"(?:=(?P<value>.*))?",
    re.ASCII | re.DOTALL,
)

_CHARACTER = r"(?:[\w/\-+.%*@?|:]|\$\{[^{}]+\})"
_WORD = rf"{_CHARACTER}(?: *{_CHARACTER})*"
_ITEM = rf"(?:'[^'\\]*'|\"[^\"\\]*\"|{_WORD})"
_ITEMS = rf"{_ITEM}(?: *, *{_ITEM})*"
_VALUE = re.compile(rf"(?P<item>{_ITEM})|\[(?P<list>(?:{_ITEMS})?)\]|(?P<sweep>{_ITEMS})", re.ASCII)
_EACH_ITEM = re.compile(_ITEM, re.ASCII)

_WHOLE_NUMBER = re.compile(rf"[+-]?{_INT}", re.ASCII)
_NUMBER = re.compile(
    rf"[+-]?(?:{_POINT}|(?:{_INT}|{_POINT})e[+-]?{_DIGITS}|inf|nan)", re.ASCII | re.IGNORECASE
)
_CONSTANTS = {"null": None, "true": True, "false": False}
_NO_VALUE = {"spelling": "null"}
_ESCAPED = re.compile(r"[()\[\]{}:=, \t]")

_LONGEST = 4000
"""Characters of an argument; Python refuses to convert longer integers, as Hydra does."""


def parse_simple(argument: str) -> Override | None:
    """Parse an argument as Hydra's grammar does; None for one that may be more than is known here, or no override."""
    found = _ARGUMENT.fullmatch(argument) if len(argument) <= _LONGEST else None
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
        value, spelling = _item(text)
        return {"value": value, "spelling": spelling, "is_quoted": _is_quoted(text)}
    items = [_item(item) for item in _EACH_ITEM.findall(found["list"] or found["sweep"] or "")]
    if found["sweep"] is not None:
        return {"sweep": Choices(tuple(spelling for _, spelling in items))}
    spellings = ",".join(spelling for _, spelling in items)
    return {"value": [value for value, _ in items], "spelling": f"[{spellings}]"}


def _item(text: str) -> tuple[Any, str]:
    """A value, and its spelling."""
    if _is_quoted(text):
        return text[1:-1], text
    value = _plain(text)
    if value is None:
        return None, "null"
    return value, _ESCAPED.sub(r"\\\g<0>", value) if isinstance(value, str) else str(value)


def _is_quoted(text: str) -> bool:
    return text[0] in "'\""


def _plain(text: str) -> str | int | float | bool | None:
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
