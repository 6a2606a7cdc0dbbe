"""One line of a journal."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from serotiny.tracking import layout
from serotiny.tracking.contents import is_whole_number

LONGEST_LINE = 10_000_000
"""In bytes, with the line's end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `kind` is metrics, params, tags, data_set, upload or end; `end` is the file offset after the line."""

    kind: str
    data: dict[str, Any]
    end: int

    @classmethod
    def parse(cls, line: bytes, offset: int) -> Entry:
        """The entry of a line that begins at a file offset.

        Raises:
            ValueError: it is not an entry; the message says why.
        """
        if len(line) > LONGEST_LINE:
            raise ValueError("it is too long")
        try:
            kind, data = from_json(line)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{error}".splitlines()[0]) from error
        if not is_entry(kind, data):
            raise ValueError("it is no entry")
        return cls(kind, data, offset + len(line))


def line_of(kind: str, data: Mapping[str, Any]) -> bytes:
    """The line of an entry, with its end."""
    text = json.dumps([kind, data], ensure_ascii=False, separators=(",", ":"))
    # `replace`, so that a lone surrogate in a name does not make the whole entry fail
    return text.encode("utf-8", "replace") + b"\n"


def is_entry(kind: object, data: object) -> bool:
    """Whether a line has the kind and the data of an entry."""
    if not isinstance(data, dict):
        return False
    match kind:
        case "metrics":
            values = data.get("values")
            return (
                isinstance(values, dict)
                and _are_numbers(values.values())
                and all(is_whole_number(data.get(name)) for name in ("step", "time_ms"))
            )
        case "params" | "tags":
            values = data.get("values")
            return isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        case "data_set":
            return data.keys() == {"name", "digest", "source"} and all(
                isinstance(value, str) for value in data.values()
            )
        case "upload":
            return (
                layout.is_artifact_path(data.get("to"))
                and isinstance(data.get("file"), str)
                and isinstance(data.get("of", ""), str)
                and _is_about_checkpoint(data.get("checkpoint", {}))
            )
        case "end":
            return isinstance(data.get("status"), str) and is_whole_number(data.get("time_ms"))
    return False


def _are_numbers(values: Collection[object]) -> bool:
    # the types first, since there may be hundreds of values, and nearly all entries have floats alone
    return set(map(type, values)) <= {float} or all(
        isinstance(value, float) or is_whole_number(value) for value in values
    )


def _is_about_checkpoint(about: object) -> bool:
    """Whether this is what an entry says of a checkpoint; each of its values may be missing or null."""
    if not isinstance(about, dict) or not about.keys() <= {"epoch", "step", "monitor", "score"}:
        return False
    told = {name: value for name, value in about.items() if value is not None}
    return (
        all(is_whole_number(told.get(name, 0)) for name in ("epoch", "step"))
        and isinstance(told.get("monitor", ""), str)
        and isinstance(told.get("score", 0.0), float | int)
    )
