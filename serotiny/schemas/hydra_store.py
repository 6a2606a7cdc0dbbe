"""Pydantic schemas as structured configs of OmegaConf, for Hydra's ConfigStore.

OmegaConf supports scalars, enums, lists and mappings. Literals and unions become `Any`; the compiler checks
them in the composed config.
"""

from __future__ import annotations

import types
import typing
from dataclasses import field, make_dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from serotiny.schemas.builtin_configs import stored_configs
from serotiny.schemas.mlflow import MlflowConfig

_SCALARS = (bool, int, float, str)


def structured_config(schema: type[BaseModel]) -> type:
    """A dataclass with the schema's fields, in types that OmegaConf can hold."""
    fields = [
        (info.alias or name, _widened(info.annotation), _default(info))
        for name, info in schema.model_fields.items()
    ]
    return make_dataclass(schema.__name__, fields)


def register() -> None:
    """Put serotiny's configs into Hydra's ConfigStore; registering twice changes nothing."""
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    structured = {"mlflow/schema": structured_config(MlflowConfig)}
    for path, config in stored_configs().items():
        group, _, name = path.rpartition("/")
        if group:
            store.store(name=name, group=group, node=structured.get(path, dict(config)), provider="serotiny")


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True)
    if isinstance(value, StrEnum):
        return field(default=value.value)
    if isinstance(value, list | dict):
        return field(default_factory=lambda: type(value)(value))
    return field(default=value)


def _widened(annotation: Any) -> Any:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        members = [item for item in typing.get_args(annotation) if item is not type(None)]
        widened = _widened(members[0]) if len(members) == 1 else Any
        return Any if widened is Any else widened | None
    if annotation in _SCALARS:
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return str  # OmegaConf reads enums by the names of their members, serotiny by their values
    if origin is dict:
        key, value = typing.get_args(annotation)
        return dict[_widened(key), _widened(value)]  # type: ignore[misc] # computed at run time
    if origin is list:
        (item,) = typing.get_args(annotation)
        return list[_widened(item)]  # type: ignore[misc] # computed at run time
    return Any
