"""What serotiny puts into Hydra's ConfigStore, derived from the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.operations import OPERATIONS
from serotiny.schemas.targets import TRAINER_TARGET


def _schema_defaults() -> dict[str, Any]:
    defaults = MlflowConfig().model_dump(mode="python")
    return {key: value.value if isinstance(value, Enum) else value for key, value in defaults.items()}


STORED_CONFIGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "trainer/schema": {"_target_": TRAINER_TARGET},
        "mlflow/schema": _schema_defaults(),
        **{operation: {} for operation in OPERATIONS},
    }
)
"""Config name → content. An operation without a file of its own takes each group's `default`."""
