"""The plan of a rehearsal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from serotiny.compiler.plan.plan import Plan

BATCHES: Final = 2
"""The number of batches of each loop."""

_LIMITS: Final = {
    **dict.fromkeys(
        ("limit_train_batches", "limit_val_batches", "limit_test_batches", "limit_predict_batches"), BATCHES
    ),
    "max_epochs": 1,
    "check_val_every_n_epoch": 1,
    "num_sanity_val_steps": 0,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}
_DROPPED: Final = frozenset(
    {
        "max_steps",
        "max_time",
        "min_epochs",
        "min_steps",
        "fast_dev_run",
        "overfit_batches",
        "val_check_interval",
        "logger",  # the user's own loggers would record the rehearsal
        "default_root_dir",
    }
)


def small_plan(plan: Plan, operation: str, checkpoint: Path | None = None) -> Plan:
    """The same job with two batches of each loop, and without recording.

    Args:
        plan: the plan of a training.
        operation: `train`, or `test` or `predict` with its checkpoint.
        checkpoint: the checkpoint to use, if any.
    """
    config = _small(plan.config, operation, checkpoint)
    logged = _small(plan.logged_config, operation, checkpoint)
    return replace(plan, operation=operation, config=config, logged_config=logged, run_name=None)


def _small(config: Mapping[str, Any], operation: str, checkpoint: Path | None) -> dict[str, Any]:
    trainer = {key: value for key, value in (config.get("trainer") or {}).items() if key not in _DROPPED}
    skipped = {key for key in _LIMITS if key.startswith("limit_") and is_skipped(trainer, key)}
    trainer |= {key: value for key, value in _LIMITS.items() if key not in skipped}
    if trainer.get("callbacks"):
        trainer["callbacks"] = _within(trainer["callbacks"])
    mlflow = {**(config.get("mlflow") or {}), "tracking_uri": None, "run_name": None, "run_id": None}
    small = {**config, "trainer": trainer, "mlflow": mlflow}
    small["ckpt_path"] = None if checkpoint is None else str(checkpoint)
    if operation == "train":
        small |= {"test": False, "predict": False}
    return small


def is_skipped(trainer: Mapping[str, Any], limit: str) -> bool:
    """Whether a limit leaves a loop of the job without batches; a small job skips that loop too."""
    value = trainer.get(limit)
    return value is not None and value == 0


def _within(callbacks: Any) -> Any:
    """The callbacks, changed so that all checkpoints are written to the rehearsal's folder."""
    if isinstance(callbacks, Mapping):
        return {key: _within(value) for key, value in callbacks.items() if key != "dirpath"}
    return [_within(item) for item in callbacks] if isinstance(callbacks, list) else callbacks
