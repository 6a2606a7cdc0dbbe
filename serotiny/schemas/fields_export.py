"""Write the fields of the pydantic schemas as plain data, which a check reads instead of importing pydantic.

`python -m serotiny.schemas.fields_export` writes `fields.json` beside this module. It is committed, and a test fails
when it is out of date. Building the models would take a third of the time of a whole check.
"""

from __future__ import annotations

import json
import types
import typing
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from serotiny.schemas.operations import OPERATION_SCHEMAS
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.codec import type_to_json

FILE = Path(__file__).with_name("fields.json")

_LEAVES: dict[Any, t.ValueType] = {
    bool: t.BOOL,
    int: t.INT,
    float: t.FLOAT,
    str: t.STR,
    type(None): t.NONE,
}
_BOUNDS = {Ge: "ge", Gt: "gt", Le: "le", Lt: "lt"}


def project() -> dict[str, Any]:
    """The fields of every operation, with those of its groups inside."""
    return {operation: _fields(schema) for operation, schema in OPERATION_SCHEMAS.items()}


def text() -> str:
    """The content of `fields.json`."""
    return json.dumps(project(), indent=1) + "\n"


def _fields(schema: type[BaseModel]) -> dict[str, Any]:
    return {info.alias or name: _field(info) for name, info in schema.model_fields.items()}


def _field(info: FieldInfo) -> dict[str, Any]:
    data: dict[str, Any] = {"description": info.description or ""}
    if info.is_required():
        data["required"] = True
    if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
        data["fields"] = _fields(info.annotation)
        data["open"] = info.annotation.model_config.get("extra") == "allow"
        return data
    data["type"] = type_to_json(value_type(info.annotation))
    if not info.is_required():
        default = info.get_default(call_default_factory=True)
        data["default"] = default.value if isinstance(default, StrEnum) else default
    for bound in info.metadata:
        if type(bound) in _BOUNDS:
            word = _BOUNDS[type(bound)]
            data[word] = getattr(bound, word)
    return data


def value_type(annotation: Any) -> t.ValueType:
    """The annotation of a field as a value type."""
    if annotation in _LEAVES:
        return _LEAVES[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return t.union(*(value_type(argument) for argument in arguments))
    if origin is Literal:
        return t.LiteralType(arguments)
    if origin is dict:
        return t.MappingType(value_type(arguments[0]), value_type(arguments[1]))
    if origin is list:
        return t.ListType(value_type(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return t.LiteralType(tuple(member.value for member in annotation))
    return t.ANY


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
