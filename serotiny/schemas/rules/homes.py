"""Keys that are often written at the root, each with the group that has it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_OF_GROUPS: Final = {
    "trainer": (
        *("accelerator", "accumulate_grad_batches", "devices", "fast_dev_run", "gradient_clip_val"),
        *("limit_train_batches", "limit_val_batches", "max_epochs", "max_steps", "max_time", "precision"),
        *("strategy", "val_check_interval"),
    ),
    "mlflow": ("experiment_name", "run_id", "run_name", "tags", "tracking_uri"),
    "data": ("batch_size", "num_workers"),
}
RENAMED: Final[Mapping[str, str]] = MappingProxyType({"datamodule": "data", "seed_everything": "seed"})
"""Root keys of other tools, with what they are called."""

HOMES: Final[Mapping[str, str]] = MappingProxyType(
    {key: group for group, keys in _OF_GROUPS.items() for key in keys}
)
