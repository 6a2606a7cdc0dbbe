"""What differs between the config a run was started with and the one it is resumed with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

_ABSENT = "(not set)"

_ALLOWED_TRAINER = frozenset(
    {
        # how long
        "max_epochs",
        "max_steps",
        "max_time",
        # where it runs
        "accelerator",
        "devices",
        "num_nodes",
        "strategy",
        # what is shown, logged and kept
        "default_root_dir",
        "enable_checkpointing",
        "enable_model_summary",
        "enable_progress_bar",
        "log_every_n_steps",
        "logger",
        "profiler",
    }
)
_ALLOWED_ROOT = frozenset({"mlflow", "hydra", "ckpt_path", "test", "predict", "mode"})
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
    """One value that differs; `old` and `new` are JSON text, or `(not set)`."""

    key: str
    old: str
    new: str
    allowed: bool

    def __str__(self) -> str:
        return f"{self.key}: {self.old} → {self.new}"


def drift_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every value that differs, in the order of the keys, each judged whether it may differ on resume.

    May differ: how long the training goes on, the devices, logging, workers, folders for output, a path whose
    last part stays the same (the data were moved), and the whole `mlflow` group.
    """
    flat_old, flat_new = dict(_leaves(old, ())), dict(_leaves(new, ()))
    changes = []
    for path in sorted(flat_old.keys() | flat_new.keys(), key=lambda path: [str(part) for part in path]):
        before, after = flat_old.get(path, _ABSENT), flat_new.get(path, _ABSENT)
        if before != after:
            allowed = _may_differ(path) or _is_moved(before, after)
            changes.append(Change(_dotted(path), before, after, allowed))
    return changes


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


_Path = tuple[str | int, ...]


def _leaves(node: Any, path: _Path) -> Iterator[tuple[_Path, str]]:
    if isinstance(node, Mapping) and node:
        for key, item in node.items():
            yield from _leaves(item, (*path, str(key)))
    elif isinstance(node, list | tuple) and node:
        for index, item in enumerate(node):
            yield from _leaves(item, (*path, index))
    else:
        yield path, _text(node)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)  # 1 and 1.0 are the same configuration
    return json.dumps(value, ensure_ascii=False, default=str)


def _may_differ(path: _Path) -> bool:
    if path[0] in _ALLOWED_ROOT:
        return True
    if path[0] == "trainer" and len(path) > 1 and path[1] in _ALLOWED_TRAINER:
        return True
    return path[-1] in _FOLDERS or (path[0] == "data" and path[-1] in _WORKERS)


def _is_moved(old: str, new: str) -> bool:
    """Whether both are paths to something of the same name."""
    if not (old.startswith('"') and new.startswith('"')):
        return False
    before, after = PurePosixPath(json.loads(old)), PurePosixPath(json.loads(new))
    return before.name == after.name != "" and (len(before.parts) > 1 or len(after.parts) > 1)


def _dotted(path: _Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
