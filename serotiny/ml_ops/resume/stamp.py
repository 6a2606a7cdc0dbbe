"""What a checkpoint says of itself: which run it belongs to, and how far that was trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serotiny.tracking.reservation.training import Trained

STATE_KEY = "serotiny"


@dataclass(frozen=True, slots=True)
class RunStamp:
    """A run, as its checkpoints name it.

    Attributes:
        identity: of the config that it is trained with.
        has_drifted: whether that differs in more than may differ from what it was trained with before.
    """

    run_id: str
    run_name: str
    identity: str
    has_drifted: bool = False

    def as_state(self) -> dict[str, str]:
        """What goes into a checkpoint."""
        return {"id": self.run_id, "name": self.run_name, "identity": self.identity}


def owner_of_checkpoint(checkpoint: Mapping[str, Any]) -> dict[str, str]:
    """The run that a checkpoint belongs to (`id`, `name`, `identity`); empty when it does not say."""
    return dict((checkpoint.get(STATE_KEY) or {}).get("run") or {})


def trained_of(checkpoint: Mapping[str, Any]) -> Trained | None:
    """How far the run was trained, and what ended that; None when the checkpoint does not say."""
    state = (checkpoint.get(STATE_KEY) or {}).get("trained")
    return Trained(**state) if state else None


def epochs_of(checkpoint: Mapping[str, Any]) -> int:
    """How many epochs its training was through, which Lightning compares with `max_epochs` when it goes on."""
    loops = checkpoint.get("loops") or {}
    progress = loops.get("fit_loop", {}).get("epoch_progress", {}).get("current", {})
    return int(progress.get("processed", 0))
