"""How overrides write a mapping, for a value that was meant to be one."""

from __future__ import annotations

import re
from typing import Final

_PAIR: Final = re.compile(r"\s*(?P<key>[\w.-]+)\s*(?P<sign>[:=])\s*(?P<value>[^:={}\[\]]*?)\s*", re.ASCII)
_WORDS: Final = re.compile(r"\s*(?P<key>[A-Za-z_][\w.-]*)\s+(?P<value>[^\s:={}\[\]]+)\s*", re.ASCII)
_WORD: Final = re.compile(r"\s*(?P<key>[A-Za-z_][\w.-]*)\s*", re.ASCII)


def meant_mapping(value: str) -> tuple[str, str] | None:
    """What is wrong with a mapping in braces that cannot be read, and how it is written; None for another value."""
    if not (value.startswith("{") and value.endswith("}")):
        return None
    items = [item for item in value[1:-1].split(",") if item.strip()]
    pairs = [_PAIR.fullmatch(item) for item in items]
    if any(pair is not None for pair in pairs):
        found = [pair or _WORD.fullmatch(item) for pair, item in zip(pairs, items, strict=True)]
    else:
        found = [_WORDS.fullmatch(item) for item in items]
    if not found or any(pair is None for pair in found):
        return None
    parts = [pair.groupdict() for pair in found if pair is not None]
    form = ", ".join(f"{part['key']}: {part.get('value') or 'null'}" for part in parts)
    empty = next((part["key"] for part in parts if not part.get("value")), None)
    why = "in a mapping a colon stands behind a key" if empty is None else f"its key `{empty}` has no value"
    return why, f"{{{form}}}"


def without_braces(value: str) -> str | None:
    """A mapping whose braces were left out, as `a: 1, b: 2`; None for another value."""
    pairs = [_PAIR.fullmatch(item) for item in value.split(",")]
    if not all(pair is not None and pair["sign"] == ":" and pair["value"] for pair in pairs):
        return None
    return f"{{{value}}}" if all(f"{pair['key']}: " in value for pair in pairs if pair is not None) else None
