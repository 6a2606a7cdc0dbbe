"""The role that reserving needs: the runs of one experiment, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from serotiny.tracking.reservation.run_record import RunRecord


class RunRegistry(Protocol):
    """The runs of one experiment.

    Every method raises `TransientTrackingError` where the same call may succeed later, and
    `TrackingError` otherwise. A search that starts after a `create` has returned must show its run: true of
    one SQL primary, not of a read replica that lags behind.
    """

    def search(self, name: str) -> list[RunRecord]:
        """All runs of exactly that name, pending claims included, deleted ones not; in `order`."""
        ...

    def get(self, run_id: str) -> RunRecord | None:
        """One run, or None when it was deleted or never was."""
        ...

    def create(self, name: str, tags: Mapping[str, str]) -> RunRecord:
        """A new run with these tags, visible to every search from now on."""
        ...

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Write tags, all of them in one request.

        Raises:
            ClaimLostError: the run was deleted meanwhile.
        """
        ...

    def set_status(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        """Write MLflow's status; `end_ms` for those that end a run."""
        ...

    def delete(self, run_id: str) -> None:
        """Take a run out of every search; deleting what is gone is no error."""
        ...
