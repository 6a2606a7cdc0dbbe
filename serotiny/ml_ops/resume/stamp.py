"""The data in a checkpoint about its run, and how far that was trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serotiny.tracking.reservation.training import Trained

STATE_KEY = "serotiny"


@dataclass(frozen=True, slots=True)
class RunStamp:
    """The identity of a run in its checkpoints.

    Attributes:
        identity: the identity of the config that it is trained with.
        has_drifted: whether that differs from the earlier config in values that are not among those that may differ.
    """

    run_id: str
    run_name: str
    identity: str
    has_drifted: bool = False

    def as_state(self) -> dict[str, str]:
        """The fields to write into a checkpoint."""
        return {"id": self.run_id, "name": self.run_name, "identity": self.identity}


def owner_of_checkpoint(checkpoint: Mapping[str, Any]) -> dict[str, str]:
    """The run that a checkpoint belongs to (`id`, `name`, `identity`); empty if it does not name one."""
    run = (checkpoint.get(STATE_KEY) or {}).get("run") or {}
    return {str(name): str(value) for name, value in run.items()}


def trained_of(checkpoint: Mapping[str, Any]) -> Trained | None:
    """How far the run was trained and what ended it; None if the checkpoint does not have this."""
    return Trained.from_state((checkpoint.get(STATE_KEY) or {}).get("trained"))


def epochs_of(checkpoint: Mapping[str, Any]) -> int:
    """The number of completed epochs, which Lightning compares with `max_epochs` on resume."""
    loops = checkpoint.get("loops") or {}
    progress = loops.get("fit_loop", {}).get("epoch_progress", {}).get("current", {})
    return int(progress.get("processed", 0))
