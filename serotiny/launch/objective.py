"""The objective that a job returns to a sweeper that optimizes."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.diagnostics import JobError, did_you_mean
from serotiny.ml_ops.job import JobResult


class NoObjectiveError(JobError):
    """The job never logged a metric that its sweeper optimizes."""


def objective_values(result: JobResult, names: Sequence[str]) -> float | tuple[float, ...]:
    """The last value of each metric; for a single metric the bare number.

    Raises:
        NoObjectiveError: the job logged no such metric.
    """
    values = tuple(_value(result, name) for name in names)
    return values[0] if len(values) == 1 else values


def _value(result: JobResult, name: str) -> float:
    known = {**result.metrics, **result.final_metrics}
    for key in (name, f"{name}_epoch"):
        if key in known:
            return known[key]
    hint = did_you_mean(name, known)
    listed = ", ".join(f"`{key}`" for key in sorted(known)) or "nothing"
    said = hint or f"it logged {listed}"
    raise NoObjectiveError(
        f"run `{result.run_name}` never logged `{name}`, which the sweeper optimizes: {said}"
    )
