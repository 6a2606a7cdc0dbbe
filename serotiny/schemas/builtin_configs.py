"""The configs that serotiny puts into Hydra's ConfigStore, derived from the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from serotiny.schemas.fields import group_defaults, root_defaults
from serotiny.schemas.names import OPERATIONS, TRAINER_TARGET


@cache
def stored_configs() -> Mapping[str, Mapping[str, Any]]:
    """Config path → content. That of an operation has the defaults of its root keys."""
    return MappingProxyType(
        {
            "trainer/schema": {"_target_": TRAINER_TARGET},
            "mlflow/schema": group_defaults("mlflow"),
            **{operation: root_defaults(operation) for operation in OPERATIONS},
        }
    )
