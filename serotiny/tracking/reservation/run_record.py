"""What the registry knows of a run, and what that says about its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from serotiny.tracking import layout
from serotiny.tracking.reservation.owner import is_alive_here, is_gone

STALE_AFTER_HEARTBEATS = 4
_DEFAULT_HEARTBEAT_S = 30.0


class ClaimState(StrEnum):
    """How far a claim on a name has come; the value of the tag `serotiny.state`."""

    PENDING = "pending"
    OWNED = "owned"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of the experiment, as the store has it.

    Attributes:
        status: MLflow's own: RUNNING, SCHEDULED, FINISHED, FAILED, KILLED.
        start_ms: the creator's clock; it orders rivals and is never compared with ours.
        metrics: latest value of each metric, where the registry gives it.
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
        """Decides which of several rivals withdraws."""
        return (self.start_ms, self.run_id)

    @property
    def token(self) -> str:
        """The claim that made it or took it over."""
        return self.tags.get(layout.TAG_TOKEN, "")

    @property
    def is_ours(self) -> bool:
        """Whether serotiny made it."""
        return layout.TAG_STATE in self.tags

    @property
    def is_pending(self) -> bool:
        """A claim that is not yet a run. A run without our tags counts as owned."""
        return self.tags.get(layout.TAG_STATE) == ClaimState.PENDING

    @property
    def generation(self) -> int:
        """How often the run was started: 1 for the first time."""
        return _number(self.tags.get(layout.TAG_GENERATION), 1)

    @property
    def heartbeat_ms(self) -> int:
        """The last sign of life, by the owner's clock."""
        return _number(self.tags.get(layout.TAG_HEARTBEAT), 0)

    @property
    def last_sign_ms(self) -> int:
        """The same, or when it was made."""
        return max(self.heartbeat_ms, self.start_ms)

    @property
    def stale_after_ms(self) -> float:
        """How old the heartbeat may be; the owner's own interval counts, not ours."""
        try:
            heartbeat_s = float(self.tags.get(layout.TAG_HEARTBEAT_S, _DEFAULT_HEARTBEAT_S))
        except ValueError:
            heartbeat_s = _DEFAULT_HEARTBEAT_S
        return STALE_AFTER_HEARTBEATS * heartbeat_s * 1000

    def is_abandoned(self, now_ms: int) -> bool:
        """Whether whoever claimed or ran it shows no sign of life.

        Never true of a run without our tags: another tool made it, and has no heartbeat to judge by.
        """
        if not self.is_ours:
            return False
        process = self.tags.get(layout.TAG_PROCESS, "")
        if is_gone(process):
            return True
        if is_alive_here(process):
            return False  # stopped, or with a clock that is ahead: whatever its heartbeat says
        return now_ms - self.last_sign_ms > self.stale_after_ms

    def holder(self) -> str:
        """Host, process and start, for a message."""
        host = self.tags.get(layout.TAG_HOST, "an unknown host")
        pid = self.tags.get(layout.TAG_PID)
        since = self.tags.get(layout.TAG_SINCE)
        parts = [host, f"process {pid}" if pid else "", f"since {since}" if since else ""]
        return ", ".join(part for part in parts if part)


class NameState(StrEnum):
    """What a name is to `train`; the table in the documentation of runs."""

    FREE = "free"
    CLAIMED = "claimed"
    FINISHED = "finished"
    FAILED = "failed"
    ALIVE = "alive"
    SEVERAL = "several"
    FOREIGN = "another tool's"


def runs_of(found: Sequence[RunRecord]) -> list[RunRecord]:
    """The records that are runs, not claims."""
    return [record for record in found if not record.is_pending]


def state_of_run(record: RunRecord, now_ms: int) -> NameState:
    """The state of one run that is not a claim.

    A run of another tool is just that, whatever its status: nobody keeps a heartbeat that would tell more.
    """
    if not record.is_ours:
        return NameState.FOREIGN
    if record.status == "FINISHED":
        return NameState.FINISHED
    if record.status in {"RUNNING", "SCHEDULED"} and not record.is_abandoned(now_ms):
        return NameState.ALIVE
    return NameState.FAILED


def state_of_name(found: Sequence[RunRecord], now_of: Callable[[RunRecord], int]) -> NameState:
    """The state of a name, from everything that has it; `now_of` is the time to judge each by.

    Abandoned claims count as nothing: whoever comes next deletes them.
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
    """`name` as a literal of MLflow's filter grammar, which has no escapes."""
    mark = '"' if "'" in name else "'"
    return f"{mark}{name}{mark}"


def _number(text: str | None, default: int) -> int:
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default
