"""The outcomes of the jobs of a sweep, as launchers return them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class JobStatus(StrEnum):
    """How a job ended."""

    FINISHED = "finished"
    SKIPPED = "skipped"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not started"
    NO_RESULT = "no result"
    """It has begun, and nobody has heard how it ended: its process was killed, or goes on without the sweep."""


@dataclass(frozen=True, kw_only=True)
class JobOutcome:
    """How one job ended. It contains only plain values, since it is returned from another process or machine.

    Attributes:
        number: the job's number in its sweep.
        key: its overrides, as the sweeper spells them.
        metric: the monitored metric.
        value: the metric's last value.
        duration_s: the duration of the job in seconds.
        message: the error, if it failed.
        exit_status: the exit status of the whole call if this is its worst job; 0 after success.
    """

    number: int
    key: tuple[str, ...]
    status: JobStatus
    run_name: str | None = None
    run_id: str | None = None
    metric: str | None = None
    value: float | None = None
    duration_s: float | None = None
    message: str = ""
    exit_status: int = 0

    @property
    def swept(self) -> dict[str, str]:
        """The values of its overrides, by key."""
        return dict(_key_and_value(text) for text in self.key)


@dataclass(frozen=True)
class SweepTable:
    """The outcomes of a sweep's jobs, sorted by number."""

    outcomes: tuple[JobOutcome, ...]

    @classmethod
    def of(cls, outcomes: Sequence[JobOutcome]) -> SweepTable:
        """The table of outcomes in any order."""
        return cls(tuple(sorted(outcomes, key=lambda outcome: outcome.number)))

    @property
    def swept(self) -> tuple[str, ...]:
        """The keys whose values differ between jobs; for a single job the keys of its overrides."""
        values: dict[str, set[str | None]] = {}
        rows = [outcome.swept for outcome in self.outcomes]
        for row in rows:
            for key in row:
                values.setdefault(key, set())
        for key, different in values.items():
            different.update(row.get(key) for row in rows)
        return tuple(key for key, different in values.items() if len(different) > 1 or len(rows) == 1)

    @property
    def metric(self) -> str | None:
        """The metric that all jobs monitor; None if there is none or they differ."""
        found = {outcome.metric for outcome in self.outcomes if outcome.metric is not None}
        return found.pop() if len(found) == 1 else None

    @property
    def is_sound(self) -> bool:
        """Whether every job was successful."""
        return all(outcome.exit_status == 0 for outcome in self.outcomes)


def monitored_metric(config: Mapping[str, Any]) -> str | None:
    """The metric of a job's first callback with a `monitor`; callbacks that keep checkpoints come before others.

    Args:
        config: the job's config, with callbacks in the trainer or, as in lightning-hydra-template, at the root.
    """
    trainer = config.get("trainer") or {}
    given = (trainer.get("callbacks") if isinstance(trainer, Mapping) else None) or config.get("callbacks")
    nodes = [*given.values()] if isinstance(given, Mapping) else given if isinstance(given, list) else []
    watching = [node for node in nodes if isinstance(node, Mapping) and isinstance(node.get("monitor"), str)]
    keeping = [node for node in watching if str(node.get("_target_", "")).endswith("ModelCheckpoint")]
    return next((str(node["monitor"]) for node in (*keeping, *watching)), None)


def shown_value(value: float | None) -> str:
    """A metric's value as tables show it."""
    return "-" if value is None else f"{value:.6g}"


def _key_and_value(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key.lstrip("+"), value
