"""The interface through which the sender writes to one run of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol


class Point(NamedTuple):
    """One value of one metric."""

    key: str
    value: float
    timestamp_ms: int
    step: int


class RunSink(Protocol):
    """One run of the store, to write to.

    Every method is safe to repeat, and raises `TransientTrackingError` if repeating it may help, `RunGoneError` if
    the run was deleted, and `TrackingError` if the store refuses.
    """

    def log_points(self, points: Sequence[Point]) -> None:
        """Log at most `MAX_POINTS` points; a point that the run already has is not added again."""
        ...

    def log_params(self, params: Mapping[str, str]) -> None:
        """Log parameters that the run does not have yet."""
        ...

    def params(self) -> Mapping[str, str]:
        """The parameters that the run has."""
        ...

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags; an empty value deletes the tag."""
        ...

    def log_data_set(self, name: str, digest: str, source: str) -> None:
        """Log a data set of the run; one that it already has is not added again."""
        ...

    def tags(self) -> Mapping[str, str]:
        """The tags of the run, which name its owner and its checkpoints."""
        ...

    def upload(self, file: Path, artifact_dir: str) -> None:
        """Upload `file` into a folder of the run's artifacts ("" is the top)."""
        ...

    def end(self, status: str, end_ms: int) -> None:
        """Set the final status and the end time."""
        ...

    def last_steps(self) -> Mapping[str, int]:
        """The last step of each metric that the run has."""
        ...

    def history(self, key: str, since: int | None = None) -> list[Point]:
        """The points of a metric, at least those from step `since` on; all of them without it."""
        ...

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        ...


MAX_POINTS = 1000
"""MLflow's limit for one request."""
