"""The interface that reserving uses: the runs of one experiment, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from serotiny.tracking.reservation.run_record import RunRecord


class RunRegistry(Protocol):
    """The runs of one experiment.

    Every method raises `TransientTrackingError` if the same call may succeed later, and `TrackingError` otherwise. A
    search that starts after a `create` has returned must find its run: this is true for a single SQL primary, not for
    a read replica that lags behind.
    """

    def search(self, name: str) -> list[RunRecord]:
        """All runs of exactly this name, with pending claims and without deleted runs, sorted by `RunRecord.order`."""
        ...

    def get(self, run_id: str) -> RunRecord | None:
        """One run, or None if it was deleted or never existed."""
        ...

    def was_deleted(self, run_id: str) -> bool:
        """Whether there is such a run among the deleted ones, from where it can be restored."""
        ...

    def create(self, name: str, tags: Mapping[str, str]) -> RunRecord:
        """Create a run with these tags; every later search finds it."""
        ...

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags, all of them in one request.

        Raises:
            ClaimLostError: the run was deleted meanwhile.
        """
        ...

    def set_status(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        """Set MLflow's status, with `end_ms` for a status that ends the run."""
        ...

    def delete(self, run_id: str) -> None:
        """Delete a run, so that no search finds it; it is no error if it is deleted already."""
        ...
