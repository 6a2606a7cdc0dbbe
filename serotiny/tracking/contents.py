"""What a run has on record, read back as plain data: for whoever shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from serotiny.tracking import layout

SHOWN_TEXTS = (layout.plan_path("train"), layout.ENVIRONMENT, layout.UNCOMMITTED, layout.TRACEBACK)
"""The texts among the artifacts that tell of a run."""

LARGEST_SHOWN = 10_000_000
"""Bytes of a text or a picture that is shown."""

History = tuple[tuple[int, float], ...]
"""The values of a metric with their steps, in the order of the steps; of several at one step the last."""


@dataclass(frozen=True, kw_only=True)
class RunContents:
    """One run.

    Attributes:
        tracking_uri: its store, without credentials; None for a run in a folder.
        status: MLflow's word.
        start_ms, end_ms: since 1970; None where it is not known, or not over.
        tags: all of them.
        metrics: by name.
        texts: those of `SHOWN_TEXTS` that there are, by their path.
        pictures: PNG files by their name without the ending.
        is_whole: nothing of earlier starts is missing.
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


def histories(points: Iterable[tuple[str, int, float]]) -> dict[str, History]:
    """Points (name, step, value), as they were logged, by name."""
    found: dict[str, dict[int, float]] = {}
    for name, step, value in points:
        found.setdefault(name, {})[step] = value
    return {name: tuple(sorted(values.items())) for name, values in sorted(found.items())}
