"""Compare the config with which a run was started to the one with which it is resumed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from serotiny.plain_config import Keys, canonical, is_within, join, leaves

_ABSENT = "(not set)"

_ALLOWED_TRAINER = frozenset(
    {
        # how long the training goes on
        "max_epochs",
        "max_steps",
        "max_time",
        # the machine and devices
        "accelerator",
        "devices",
        "num_nodes",
        "strategy",
        # what is shown, logged and stored
        "default_root_dir",
        "enable_checkpointing",
        "enable_model_summary",
        "enable_progress_bar",
        "log_every_n_steps",
        "logger",
        "profiler",
    }
)
_ALLOWED_ROOT = frozenset(
    {"mlflow", "hydra", "sweep", "ckpt_path", "test", "predict", "predictions_format", "mode"}
)
_WORKERS = frozenset(
    {
        "num_workers",
        "persistent_workers",
        "pin_memory",
        "pin_memory_device",
        "prefetch_factor",
        "multiprocessing_context",
        "timeout",
    }
)
_FOLDERS = frozenset({"cache_dir", "dirpath", "output_dir", "save_dir", "root_dir"})


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; `old` and `new` are JSON texts, or `(not set)`."""

    key: str
    old: str
    new: str
    allowed: bool

    def __str__(self) -> str:
        return f"{self.key}: {self.old} → {self.new}"


def drift_between(
    old: Mapping[str, Any], new: Mapping[str, Any], job_keys: Collection[str] = ()
) -> list[Change]:
    """Every value that differs, in the order of the keys, with whether it is allowed to differ on resume.

    These may differ: the length of the training, devices, logging, workers, output folders, a path whose last part
    is the same (the data were moved), the whole `mlflow` group, and the values of `job_keys`, which differ from job
    to job.
    """
    flat_old, flat_new = _texts(old), _texts(new)
    changes = []
    for keys in sorted(flat_old.keys() | flat_new.keys(), key=lambda keys: [str(key) for key in keys]):
        before, after = flat_old.get(keys, _ABSENT), flat_new.get(keys, _ABSENT)
        if before != after:
            allowed = _may_differ(keys) or _is_moved(before, after) or is_within(keys, job_keys)
            changes.append(Change(join(keys), before, after, allowed))
    return changes


def _texts(config: Mapping[str, Any]) -> dict[Keys, str]:
    return {keys: json.dumps(canonical(value), ensure_ascii=False) for keys, value in leaves(config)}


def training_is_longer(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the new config trains for more epochs or steps than the old one did.

    `null` means Lightning's own default for `max_epochs` (1000), -1 means no end.
    """
    old_trainer, new_trainer = old.get("trainer") or {}, new.get("trainer") or {}
    return any(
        _limit(new_trainer.get(key), default) > _limit(old_trainer.get(key), default)
        for key, default in (("max_epochs", 1000.0), ("max_steps", float("inf")))
    )


def _limit(value: Any, default: float) -> float:
    if not isinstance(value, int | float):
        return default
    return float("inf") if value == -1 else float(value)


def _may_differ(keys: Keys) -> bool:
    if keys[0] in _ALLOWED_ROOT:
        return True
    if keys[0] == "trainer" and len(keys) > 1 and keys[1] in _ALLOWED_TRAINER:
        return True
    return keys[-1] in _FOLDERS or (keys[0] == "data" and keys[-1] in _WORKERS)


def _is_moved(old: str, new: str) -> bool:
    """Whether both are paths with the same last part."""
    if not (old.startswith('"') and new.startswith('"')):
        return False
    before, after = PurePosixPath(json.loads(old)), PurePosixPath(json.loads(new))
    return before.name == after.name != "" and (len(before.parts) > 1 or len(after.parts) > 1)
