"""The definitions that documents share: each value type and each target once, with a stable name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from serotiny.json_schema.fragments import JsonSchema, ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Definitions:
    """Collects definitions while documents are made.

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


class SharedDefinitions:
    """The definitions of several documents, equal ones once, under the name that sorts first."""

    def __init__(self, definitions: Mapping[str, JsonSchema]) -> None:
        first: dict[str, str] = {}
        kept = {
            name: first.setdefault(json.dumps(schema), name) for name, schema in sorted(definitions.items())
        }
        self._renamed = {_reference(name): _reference(known) for name, known in kept.items()}
        self._schemas = {name: _rename(definitions[name], self._renamed) for name in sorted(first.values())}
        self._names = {_reference(name): name for name in self._schemas}
        self._leads_to = {name: self._names_in(schema) for name, schema in self._schemas.items()}

    def completed(self, document: JsonSchema) -> JsonSchema:
        """A document with those of the definitions that it leads to."""
        content = _rename(document, self._renamed)
        found: set[str] = set()
        new = self._names_in(content)
        while new:
            found |= new
            new = set[str]().union(*(self._leads_to[name] for name in new)) - found
        return {**content, "definitions": {name: self._schemas[name] for name in sorted(found)}}

    def _names_in(self, schema: Any) -> set[str]:
        """The definitions that a schema refers to itself; a default may hold a `$ref` that is none."""
        found: set[str] = set()
        waiting = [schema]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                reference = item.get("$ref")
                if isinstance(reference, str) and reference in self._names:
                    found.add(self._names[reference])
                waiting += item.values()
            elif isinstance(item, list):
                waiting += item
        return found


def _reference(name: str) -> str:
    reference: str = ref(name)["$ref"]
    return reference


def _rename(schema: Any, names: Mapping[str, str]) -> Any:
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
