"""The role that the sender needs: one run of the store, to write to."""

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
    """One run of the store.

    Every method is safe to repeat, and raises `TransientTrackingError` where repeating it may help,
    `RunGoneError` where the run was deleted, and `TrackingError` where the store refuses.
    """

    def log_points(self, points: Sequence[Point]) -> None:
        """At most `MAX_POINTS` points; a point that is there already stays there once."""
        ...

    def log_params(self, params: Mapping[str, str]) -> None:
        """Parameters that are new to the run."""
        ...

    def params(self) -> Mapping[str, str]:
        """The parameters that the run has."""
        ...

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Write tags; an empty value takes the tag away."""
        ...

    def log_data_set(self, name: str, digest: str, source: str) -> None:
        """What the run is trained on; one that it has already stays there once."""
        ...

    def tags(self) -> Mapping[str, str]:
        """The tags that the run has: whose it is, and what is stored."""
        ...

    def upload(self, file: Path, artifact_dir: str) -> None:
        """Put `file` into a folder of the run's artifacts ("" is the top)."""
        ...

    def end(self, status: str, end_ms: int) -> None:
        """Write the final status."""
        ...

    def last_steps(self) -> Mapping[str, int]:
        """The last step of each metric that the run has."""
        ...

    def history(self, key: str) -> list[Point]:
        """All points of a metric."""
        ...

    def close(self) -> None:
        """Close connections; the next call opens them again."""
        ...


MAX_POINTS = 1000
"""MLflow's limit for one request."""
