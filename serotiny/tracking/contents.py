"""The contents of a recorded run as plain data, to be shown in a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from serotiny.tracking import layout

SHOWN_TEXTS = (layout.plan_path("train"), layout.ENVIRONMENT, layout.UNCOMMITTED, layout.TRACEBACK)
"""The text artifacts that a report shows."""

LARGEST_SHOWN = 10_000_000
"""The size in bytes up to which a text or a picture is shown."""

History = tuple[tuple[int, float], ...]
"""The steps and values of a metric, in the order of the steps; of several values at one step the last."""


@dataclass(frozen=True, kw_only=True)
class RunContents:
    """One run.

    Attributes:
        tracking_uri: its store, without credentials; None for a run in a folder.
        status: MLflow's status.
        start_ms, end_ms: milliseconds since 1970; None if not known, or if the run has not ended.
        tags: all tags.
        metrics: histories by the metric's name.
        texts: the existing ones of `SHOWN_TEXTS`, by their path.
        pictures: PNG files by their name without suffix.
        is_whole: whether everything of the run's earlier starts is included.
        has_checkpoint: whether a checkpoint of it is in the store, or on its way there.
        is_abandoned: whether it should be running, but its process has died.
    """

    run_id: str
    run_name: str
    experiment_name: str
    tracking_uri: str | None
    status: str
    start_ms: int | None = None
    end_ms: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, History] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    is_whole: bool = True
    has_checkpoint: bool = False
    is_abandoned: bool = False


def is_whole_number(value: object) -> bool:
    """Whether a value from a file is a whole number that a store can hold, as steps and times are."""
    return type(value) is int and -(2**63) <= value < 2**63


def histories(points: Iterable[tuple[str, int, float]]) -> dict[str, History]:
    """The history of each metric, from points (name, step, value) in the order in which they were logged."""
    found: dict[str, dict[int, float]] = {}
    for name, step, value in points:
        found.setdefault(name, {})[step] = value
    return {name: tuple(sorted(values.items())) for name, values in sorted(found.items())}
