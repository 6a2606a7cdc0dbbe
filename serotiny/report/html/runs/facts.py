"""The data of a run as pages show them, from its texts and tags."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from serotiny.plain_config import join, leaves
from serotiny.report.job_summary import duration_text
from serotiny.tracking import layout
from serotiny.tracking.contents import History, RunContents

_LONGEST_VALUE = 10_000

_STAGES = ("train_", "val_", "valid_", "test_")


class RunFacts:
    """The data of one run."""

    def __init__(self, run: RunContents) -> None:
        self.run = run

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """The plan of its training; empty if none is stored."""
        return _mapping(self.run.texts.get(layout.plan_path("train")))

    @cached_property
    def environment(self) -> Mapping[str, Any]:
        """The environment of the last start."""
        return _mapping(self.run.texts.get(layout.ENVIRONMENT))

    @cached_property
    def values(self) -> dict[str, Any]:
        """Each value of the config by its dotted key."""
        return {join(keys): value for keys, value in leaves(self.plan.get("logged_config") or {}) if keys}

    @cached_property
    def origins(self) -> Mapping[str, str]:
        """What set each value, by its dotted key."""
        return _strings(self.plan.get("origins"))

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """The option that was chosen of each group."""
        return _strings(self.plan.get("choices"))

    @cached_property
    def packages(self) -> dict[str, str]:
        """The version of each distribution; only those that the plan names if no others are known."""
        return _strings(self.environment.get("packages")) or _strings(self.plan.get("versions"))

    @property
    def has_all_packages(self) -> bool:
        """Whether all distributions of its environment are known."""
        return bool(_strings(self.environment.get("packages")))

    @property
    def final_metrics(self) -> dict[str, tuple[int, float]]:
        """Step and value of the last point of each metric, losses first."""
        metrics = self.run.metrics
        return {name: metrics[name][-1] for name in sorted(metrics, key=importance) if metrics[name]}

    @property
    def command(self) -> str:
        """The command that started it."""
        return self.run.tags.get("mlflow.source.name", "")

    @property
    def started(self) -> str:
        """The time of the start, in the local time zone."""
        return "" if self.run.start_ms is None else _time_text(self.run.start_ms)

    @property
    def duration(self) -> str:
        """The duration of a run that has ended; "" for others."""
        if self.run.start_ms is None or self.run.end_ms is None:
            return ""
        return duration_text((self.run.end_ms - self.run.start_ms) / 1000)


def chart_groups(metrics: Mapping[str, History]) -> dict[str, dict[str, History]]:
    """Metrics for one picture each, by the common part of their names: `train_loss` and `val_loss` under `loss`.

    Metrics with a single point are left out, and so is `epoch`.
    """
    groups: dict[str, dict[str, History]] = {}
    for name, points in metrics.items():
        if len(points) > 1 and name != "epoch":
            groups.setdefault(_without_stage(name), {})[name] = points
    return {name: groups[name] for name in sorted(groups, key=importance)}


def importance(metric: str) -> tuple[bool, bool, str]:
    """Sorts losses before other metrics, and those of the machine last."""
    return "loss" not in metric, metric.startswith("system/"), metric


def text_of(value: Any) -> str:
    """A value of a config as text; as JSON if it is not a text. Of a very long one the beginning is shown."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]} …"


def _without_stage(name: str) -> str:
    for stage in _STAGES:
        if name.startswith(stage) and len(name) > len(stage):
            return name.removeprefix(stage).removesuffix("_epoch").removesuffix("_step")
    return name.removesuffix("_epoch").removesuffix("_step")


def _mapping(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _strings(found: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _time_text(ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(ms / 1000))
