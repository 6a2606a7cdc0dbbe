"""The fields of the pydantic schemas, read from `fields.json` so that a check need not import pydantic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from serotiny.targets.value_types.codec import type_from_json
from serotiny.targets.value_types.types import ANY, ValueType


@dataclass(frozen=True, kw_only=True)
class SchemaField:
    """One key of an operation or of a group.

    Attributes:
        type: the type of its value; `ANY` for a group, whose fields have types of their own.
        required: it has no default.
        default: its default, as plain data.
        description: what it is for.
        bounds: `ge`, `gt`, `le`, `lt` with their numbers.
        group: the fields of a group; None for any other key.
        is_open: the group takes other keys too: the parameters of its target.
    """

    type: ValueType = ANY
    required: bool = False
    default: Any = None
    description: str = ""
    bounds: Mapping[str, float] = field(default_factory=dict)
    group: Mapping[str, SchemaField] | None = None
    is_open: bool = False


@cache
def operation_fields(operation: str) -> Mapping[str, SchemaField]:
    """The root keys that an operation reads."""
    return MappingProxyType({name: _read(data) for name, data in _document()[operation].items()})


@cache
def hydra_fields() -> Mapping[str, SchemaField]:
    """The keys of a node that Hydra itself reads when it instantiates the node."""
    fields = operation_fields(next(iter(_document())))["data"].group
    assert fields is not None
    return fields


@cache
def root_keys() -> frozenset[str]:
    """Every root key that some operation reads."""
    return frozenset(key for operation in _document() for key in operation_fields(operation))


def group_defaults(group: str) -> dict[str, Any]:
    """The defaults of a group's own fields, as plain data."""
    fields = next(iter(_document().values()))[group]["fields"]
    return {key: data["default"] for key, data in fields.items() if "default" in data}


def root_defaults(operation: str) -> dict[str, Any]:
    """The defaults of an operation's root keys, without its groups and `mode`."""
    fields = _document()[operation]
    return {key: data["default"] for key, data in fields.items() if "default" in data and key != "mode"}


@cache
def _document() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("fields.json").read_text("utf-8")
    document: dict[str, dict[str, Any]] = json.loads(text)
    return document


def _read(data: dict[str, Any]) -> SchemaField:
    inner = data.get("fields")
    return SchemaField(
        type=type_from_json(data["type"]) if "type" in data else ANY,
        required=data.get("required", False),
        default=data.get("default"),
        description=data["description"],
        bounds={word: data[word] for word in ("ge", "gt", "le", "lt") if word in data},
        group=None if inner is None else {key: _read(child) for key, child in inner.items()},
        is_open=data.get("open", False),
    )
