"""Defaults lists: the groups, options and configs of a project are offered, and others accepted.

Only the form is checked, since an option that is added later would be an error until the next export; the
compiler checks whether options exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from serotiny.json_schema.fragments import JsonSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPTION: Final[JsonSchema] = {
    "type": ["string", "array", "null"],
    "items": {"type": "string"},
    "errorMessage": "Expected the name of an option, a list of names, or null.",
}
_KEYWORDS: Final = ("", "override ", "optional ")


@dataclass(frozen=True, slots=True)
class ConfigOptions:
    """The config groups of a project, each with its options; `""` holds the top-level configs."""

    options: Mapping[str, tuple[str, ...]]

    def below(self, group: str) -> dict[str, tuple[str, ...]]:
        """The groups that an entry in a group may name: its subgroups by relative, all by absolute path."""
        prefix = f"{group}/" if group else ""
        named = {
            name.removeprefix(prefix): found
            for name, found in self.options.items()
            if name and name.startswith(prefix)
        }
        if group:
            named |= {f"/{name}": found for name, found in self.options.items() if name}
        return named


def defaults_schema(options: ConfigOptions, group: str) -> JsonSchema:
    """The defaults list of a config in a group."""
    own = [name for name in options.options.get(group, ()) if group]
    entries = {
        f"{keyword}{name}": _choice(found)
        for keyword in _KEYWORDS
        for name, found in options.below(group).items()
    }
    config: JsonSchema = {"anyOf": [{"enum": ["_self_", *own]}, {"type": "string"}]}
    entry: JsonSchema = {
        "properties": dict(sorted(entries.items())),
        "additionalProperties": _OPTION,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {
        "description": "The configs that this one is made of, in order; `_self_` is its own place among them.",
        "type": ["array", "null"],
        "errorMessage": "Expected a list of `group: option`.",
        "items": {
            "type": ["object", "string"],
            "errorMessage": "Expected `group: option`, or the name of a config.",
            "allOf": [
                {"if": {"type": "object"}, "then": entry},
                {"if": {"type": "object"}, "else": config},
            ],
        },
    }


def _choice(options: tuple[str, ...]) -> JsonSchema:
    return {"anyOf": [{"enum": [*options]}, _OPTION]} if options else _OPTION
