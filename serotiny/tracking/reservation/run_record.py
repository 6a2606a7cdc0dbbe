"""The record of a run in the registry, and the state of a name that follows from such records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from serotiny.tracking import layout
from serotiny.tracking.contents import is_whole_number
from serotiny.tracking.reservation.owner import is_alive_here, is_gone

STALE_AFTER_HEARTBEATS = 4
_DEFAULT_HEARTBEAT_S = 30.0


class ClaimState(StrEnum):
    """The state of a claim on a name, which is the value of the tag `serotiny.state`."""

    PENDING = "pending"
    OWNED = "owned"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of the experiment in the store.

    Attributes:
        status: MLflow's status: RUNNING, SCHEDULED, FINISHED, FAILED or KILLED.
        start_ms: by the creator's clock; it orders rivals and is never compared with this machine's clock.
        metrics: the last value of each metric, if the registry provides it.
    """

    run_id: str
    name: str
    status: str
    start_ms: int
    tags: Mapping[str, str] = field(default_factory=dict)
    end_ms: int | None = None
    experiment_id: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def order(self) -> tuple[int, str]:
        """The order of rivals: all but the first withdraw."""
        return (self.start_ms, self.run_id)

    @property
    def token(self) -> str:
        """The token of the claim that created it or took it over."""
        return self.tags.get(layout.TAG_TOKEN, "")

    @property
    def is_ours(self) -> bool:
        """Whether serotiny created it."""
        return layout.TAG_STATE in self.tags

    @property
    def is_pending(self) -> bool:
        """Whether it is a claim that is not a run yet. A run of another tool, without our tags, is not."""
        return self.tags.get(layout.TAG_STATE) == ClaimState.PENDING

    @property
    def generation(self) -> int:
        """The number of times that the run was started, 1 for a new run."""
        return _number(self.tags.get(layout.TAG_GENERATION), 1)

    @property
    def heartbeat_ms(self) -> int:
        """The time of the last sign of life by the owner's clock; 0 if there is none."""
        return _number(self.tags.get(layout.TAG_HEARTBEAT), 0)

    @property
    def last_sign_ms(self) -> int:
        """The time of the last sign of life, or of the creation if that is later."""
        return max(self.heartbeat_ms, self.start_ms)

    @property
    def stale_after_ms(self) -> float:
        """The age from which the heartbeat is stale, by the owner's heartbeat interval, not by ours."""
        try:
            heartbeat_s = float(self.tags.get(layout.TAG_HEARTBEAT_S, _DEFAULT_HEARTBEAT_S))
        except ValueError:
            heartbeat_s = _DEFAULT_HEARTBEAT_S
        return STALE_AFTER_HEARTBEATS * heartbeat_s * 1000

    def is_abandoned(self, now_ms: int) -> bool:
        """Whether the process that claimed or ran it is dead, or its heartbeat is stale.

        Always false for a run of another tool, which has no heartbeat.
        """
        if not self.is_ours:
            return False
        process = self.tags.get(layout.TAG_PROCESS, "")
        if is_gone(process):
            return True
        if is_alive_here(process):
            return False  # it exists, though it may be stopped or its clock may be wrong: its heartbeat does not matter
        return now_ms - self.last_sign_ms > self.stale_after_ms

    def holder(self) -> str:
        """Host, process and start of the owner, for a message."""
        host = self.tags.get(layout.TAG_HOST, "an unknown host")
        pid = self.tags.get(layout.TAG_PID)
        since = self.tags.get(layout.TAG_SINCE)
        parts = [host, f"process {pid}" if pid else "", f"since {since}" if since else ""]
        return ", ".join(part for part in parts if part)


class NameState(StrEnum):
    """The state of a run name, by which `train` decides; see the table in docs/runs.md."""

    FREE = "free"
    CLAIMED = "claimed"
    FINISHED = "finished"
    FAILED = "failed"
    ALIVE = "alive"
    SEVERAL = "several"
    FOREIGN = "another tool's"


def runs_of(found: Sequence[RunRecord]) -> list[RunRecord]:
    """The records that are runs, without claims."""
    return [record for record in found if not record.is_pending]


def state_of_run(record: RunRecord, now_ms: int) -> NameState:
    """The state of one run that is not a claim.

    A run of another tool is FOREIGN whatever its status, since it has no heartbeat to show whether it is alive.
    """
    if not record.is_ours:
        return NameState.FOREIGN
    if record.status == "FINISHED":
        return NameState.FINISHED
    if record.status in {"RUNNING", "SCHEDULED"} and not record.is_abandoned(now_ms):
        return NameState.ALIVE
    return NameState.FAILED


def state_of_name(found: Sequence[RunRecord], now_of: Callable[[RunRecord], int]) -> NameState:
    """The state of a name, from all records with it; `now_of` returns the time by which to judge each record.

    Abandoned claims are ignored; the next process that claims the name deletes them.
    """
    runs = runs_of(found)
    if len(runs) > 1:
        return NameState.SEVERAL
    if runs:
        return state_of_run(runs[0], now_of(runs[0]))
    if any(not claim.is_abandoned(now_of(claim)) for claim in found):
        return NameState.CLAIMED
    return NameState.FREE


def quote(name: str) -> str:
    """`name` as a literal in MLflow's filter grammar, which has no escapes."""
    mark = '"' if "'" in name else "'"
    return f"{mark}{name}{mark}"


def _number(text: str | None, default: int) -> int:
    try:
        number = int(text) if text is not None else default
    except ValueError:
        return default
    return number if is_whole_number(number) else default
