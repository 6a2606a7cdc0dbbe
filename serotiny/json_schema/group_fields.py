"""The fields of the pydantic group schemas as properties."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from serotiny.json_schema.fragments import LATER, JsonSchema
from serotiny.json_schema.name_patterns import TEXT_RULES
from serotiny.schemas.fields import hydra_fields
from serotiny.schemas.groups import TargetConfig

HYDRA_KEYS: Final = tuple(hydra_fields())
"""`_target_` and the other keys that Hydra itself reads."""

_WORDS: Final = {
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "string": "str",
    "array": "list",
    "object": "mapping",
}


@cache
def hydra_properties() -> dict[str, JsonSchema]:
    """Hydra's keys of a node, apart from `_target_` and `_args_`, which depend on the target."""
    fields = field_properties(TargetConfig)
    return {key: fields[key] for key in HYDRA_KEYS if key not in ("_target_", "_args_")}


def field_properties(schema: type[BaseModel]) -> dict[str, JsonSchema]:
    """The fields of a schema that are scalars, choices or mappings of scalars, by alias."""
    document = schema.model_json_schema(by_alias=True)
    definitions = document.get("$defs", {})
    properties = {
        name: _property(field, definitions)
        for name, field in document["properties"].items()
        if not _is_group(field, definitions)
    }
    for name, (pattern, expected) in TEXT_RULES.items():
        if name in properties:
            properties[name] |= {"pattern": pattern, "errorMessage": expected}
    return properties


def _is_group(field: JsonSchema, definitions: JsonSchema) -> bool:
    return any(part.get("type") == "object" and "properties" in part for part in _parts(field, definitions))


def _parts(field: JsonSchema, definitions: JsonSchema) -> list[JsonSchema]:
    """The members of a union, with references followed."""
    if "$ref" in field:
        return [definitions[field["$ref"].rpartition("/")[2]]]
    if "anyOf" in field:
        return [part for member in field["anyOf"] for part in _parts(member, definitions)]
    return [field]


def _property(field: JsonSchema, definitions: JsonSchema) -> JsonSchema:
    parts = _parts(field, definitions)
    own: JsonSchema = {key: field[key] for key in ("description", "default") if key in field}
    choices = [
        choice for part in parts for choice in part.get("enum", [part["const"]] if "const" in part else [])
    ]
    types = [part["type"] for part in parts if "type" in part and "enum" not in part and "const" not in part]
    constraints: JsonSchema = {}
    for part in parts:
        constraints |= {key: _constraint(key, value) for key, value in part.items() if key in _CONSTRAINTS}
    if choices:
        if "null" in types:
            choices.append(None)
        expected = f"Expected one of {', '.join(_shown(choice) for choice in choices)}, or ${{key}}."
        later: JsonSchema = {"type": "string", "pattern": LATER, "errorMessage": expected}
        return {**own, "anyOf": [{"enum": choices, "errorMessage": expected}, later]}
    expected = f"Expected {_in_words(types, constraints)}, or ${{key}}."
    schema: JsonSchema = {**own, "type": [*dict.fromkeys([*types, "string"])], **constraints}
    if "string" not in types:
        schema["pattern"] = LATER
    return {**schema, "errorMessage": expected}


_CONSTRAINTS: Final = ("minimum", "maximum", "exclusiveMinimum", "additionalProperties")


def _constraint(key: str, value: Any) -> Any:
    """A constraint; the values of a mapping may also be interpolations."""
    if key != "additionalProperties" or not isinstance(value, dict):
        return value
    return _property(value, {})


def _in_words(types: list[str], constraints: JsonSchema) -> str:
    words = " or ".join(_WORDS.get(name, name) for name in types)
    limits = {"minimum": "from {}", "maximum": "to {}", "exclusiveMinimum": "above {}"}
    return " ".join(
        [words, *(text.format(constraints[key]) for key, text in limits.items() if key in constraints)]
    )


def _shown(choice: object) -> str:
    return "null" if choice is None else str(choice)
