"""The documents of an export: one schema for each group and each operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from serotiny.json_schema.builder.groups import TARGET_GROUPS, callback_schema, group_schema
from serotiny.json_schema.builder.targets import DocumentBuilder
from serotiny.json_schema.defaults_list import ConfigOptions, defaults_schema
from serotiny.json_schema.definitions import Definitions, SharedDefinitions
from serotiny.json_schema.fragments import LATER, JsonSchema
from serotiny.json_schema.group_fields import field_properties
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.operations import OPERATION_SCHEMAS, SweepConfig

if TYPE_CHECKING:
    from serotiny.targets.catalog.catalog import TargetCatalog

DRAFT: Final = "http://json-schema.org/draft-07/schema#"

_CLOSED: Final[dict[str, type[BaseModel]]] = {"mlflow": MlflowConfig, "sweep": SweepConfig}
"""Serotiny's own groups, which take no keys but their fields."""

GROUPS: Final = (*TARGET_GROUPS, "trainer/callbacks", "mlflow")


def schema_documents(
    catalog: TargetCatalog, options: ConfigOptions, made_from: dict[str, str]
) -> dict[str, JsonSchema]:
    """Every document, by the name of its group or operation.

    Args:
        catalog: the targets that may be named.
        options: the config groups and options that defaults lists may choose.
        made_from: the versions of the packages whose sources were read, for the comment of each document.
    """
    definitions = Definitions()
    builder = DocumentBuilder(catalog, definitions)
    documents = {group: _Document(builder, options, group).of_group() for group in GROUPS}
    documents |= {name: _Document(builder, options, name).of_operation() for name in OPERATION_SCHEMAS}
    comment = "Made by `serotiny schema export`"
    if made_from:
        comment += f" from {', '.join(f'{name} {version}' for name, version in sorted(made_from.items()))}"
    shared = SharedDefinitions(definitions.as_json())
    return {
        name: {"$schema": DRAFT, "$comment": comment, **shared.completed(document)}
        for name, document in documents.items()
    }


@dataclass
class _Document:
    """One document while it is made."""

    builder: DocumentBuilder
    options: ConfigOptions
    name: str

    def of_group(self) -> JsonSchema:
        defaults = defaults_schema(self.options, self.name)
        if self.name == "trainer/callbacks":
            content: JsonSchema = {
                "properties": {"defaults": True},
                "additionalProperties": callback_schema(self.builder),
            }
        else:
            content = {"allOf": [self._group(self.name)]}
        return {
            "title": f"serotiny {self.name}",
            "type": ["object", "null"],
            "errorMessage": "Expected a mapping.",
            "properties": {"defaults": defaults},
            "allOf": [content],
        }

    def of_operation(self) -> JsonSchema:
        schema = OPERATION_SCHEMAS[self.name]
        properties: dict[str, Any] = {
            "defaults": defaults_schema(self.options, ""),
            **field_properties(schema),
            "hydra": {"type": "object", "description": "What Hydra itself reads."},
        }
        expected = f"This is `{self.name}`."
        properties["mode"]["anyOf"][0] = {"enum": [self.name, None], "errorMessage": expected}
        for group in (*TARGET_GROUPS, *(name for name in _CLOSED if name in schema.model_fields)):
            description = schema.model_fields[group].description
            properties[group] = {
                "description": description,
                # a defaults list is allowed only at the root of a file
                "allOf": [self._group(group), {"properties": {"defaults": False}}],
            }
        return {
            "title": f"serotiny {self.name}",
            "type": ["object", "null"],
            "errorMessage": "Expected a mapping.",
            "properties": properties,
            "additionalProperties": self.builder.anything(),
        }

    def _group(self, group: str) -> JsonSchema:
        if group in _CLOSED:
            return self.builder.definitions.refer(group, lambda: _closed(_CLOSED[group]))
        return group_schema(group, self.builder)


def _closed(schema: type[BaseModel]) -> JsonSchema:
    return {
        "type": ["object", "string"],
        "pattern": LATER,
        "errorMessage": "Expected a mapping, or ${key}.",
        "properties": {**field_properties(schema), "defaults": True},
        "additionalProperties": False,
    }
