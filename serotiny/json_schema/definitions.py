"""The definitions of one document: each value type and each target once, with a stable name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from serotiny.json_schema.fragments import JsonSchema, ref

if TYPE_CHECKING:
    from collections.abc import Callable


class Definitions:
    """Collects definitions while a document is made.

    A name is reserved before its definition is made, so that definitions may be recursive.
    """

    def __init__(self) -> None:
        self._schemas: dict[str, JsonSchema] = {}
        self._names: dict[str, str] = {}

    def refer(self, title: str, make: Callable[[], JsonSchema]) -> JsonSchema:
        """A reference to the definition of this title, which is made on the first call."""
        if title not in self._names:
            name = self._free_name(title)
            self._names[title] = name
            self._schemas[name] = {}
            self._schemas[name] = make()
        return ref(self._names[title])

    def as_json(self) -> JsonSchema:
        """All definitions, by name."""
        return dict(sorted(self._schemas.items()))

    def _free_name(self, title: str) -> str:
        """The title in characters that need no escape in a JSON pointer or a URI."""
        stem = re.sub(r"[^A-Za-z0-9_.]+", "-", title).strip("-")[:80]
        name, count = stem, 1
        while name in self._schemas:
            count += 1
            name = f"{stem}-{count}"
        return name


def share_equal_definitions(document: JsonSchema) -> JsonSchema:
    """The document with equal definitions kept once, under the name that sorts first."""
    first: dict[str, str] = {}
    definitions = document["definitions"]
    kept = {name: first.setdefault(json.dumps(schema), name) for name, schema in sorted(definitions.items())}
    renamed = {f"#/definitions/{name}": f"#/definitions/{known}" for name, known in kept.items()}
    names = {*kept.values()}
    content = {
        **document,
        "definitions": {name: schema for name, schema in definitions.items() if name in names},
    }
    shared = _rename(content, renamed)
    assert isinstance(shared, dict)
    return shared


def _rename(schema: object, names: dict[str, str]) -> object:
    if isinstance(schema, dict):
        return {
            key: names.get(value, value)
            if key == "$ref" and isinstance(value, str)
            else _rename(value, names)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_rename(item, names) for item in schema]
    return schema
