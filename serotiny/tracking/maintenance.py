"""Maintain the runs of an experiment: list them, send what was left, clean up after processes that died."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from serotiny.diagnostics.suggestions import meant_or_all
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import recorded_checkpoints
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.registry import MlflowRegistry, active_experiments, find_experiment
from serotiny.tracking.mlflow.sink import MlflowSink
from serotiny.tracking.mlflow.store import open_client, resolve_tracking_uri, sqlite_file
from serotiny.tracking.outbox.delivery import Delivery, Undelivered
from serotiny.tracking.outbox.errors import UnreadableJournalError
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.known_points import KnownPoints
from serotiny.tracking.outbox.sender import Sender
from serotiny.tracking.reservation.run_record import NameState, RunRecord, state_of_run

_MOST_LISTED = 8
_CLAIM = "claim"
_ABANDONED_CLAIM = "abandoned claim"
_NO_SIGN_OF_LIFE = "no sign of life"
_KILLED = "killed"
STATES: Final = (
    *(state.value for state in (NameState.FINISHED, NameState.ALIVE, NameState.FAILED)),
    _KILLED,
    _NO_SIGN_OF_LIFE,
    _CLAIM,
    _ABANDONED_CLAIM,
)
"""What a run may be, as `RunSummary.state` says it."""


class NothingRecordedError(TrackingError):
    """The store or the experiment that is asked for does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of `runs list`.

    Attributes:
        state: `finished`, `failed`, `killed`, `alive`, `no sign of life` (its process died without ending the run),
            `claim` or `abandoned claim`.
        age_s: seconds since it was started.
        metric: the last value of a loss, or else of the first metric, as `name=value`.
        checkpoint: the newest checkpoint among the artifacts.
        is_duplicate: another run has the same name.
        reason: why it failed, in one line.
    """

    run_id: str
    name: str
    state: str
    age_s: float
    metric: str | None
    checkpoint: str | None
    is_duplicate: bool
    reason: str | None = None

    def matches(self, pattern: str) -> bool:
        """Whether `pattern` is its state, or a glob pattern that matches its name."""
        return self.state.partition(" (")[0] == pattern or fnmatchcase(self.name, pattern)


def list_runs(
    settings: MlflowConfig, root: Path, pattern: str | None = None, limit: int | None = None
) -> list[RunSummary]:
    """The runs of the experiment, the newest first, without the runs of sweeps themselves.

    Args:
        settings: the store and the experiment.
        root: the project's folder.
        pattern: a state, or a glob pattern of names; None for all runs.
        limit: the largest number of runs.

    Raises:
        NothingRecordedError: there is no such experiment.
        TrackingError: the store cannot be reached.
    """
    found = _registry(settings, root).all_runs()
    records = [record for record in found if not layout.is_sweep(record.tags)]
    now = now_ms()
    duplicates = {record.run_id for group in _duplicates(records) for record in group}
    runs = [
        RunSummary(
            run_id=record.run_id,
            name=record.name,
            state=_state_text(record, now),
            age_s=max(0.0, (now - record.start_ms) / 1000),
            metric=_metric_text(record),
            checkpoint=next((checkpoint.path for checkpoint in recorded_checkpoints(record.tags)), None),
            is_duplicate=record.run_id in duplicates,
            reason=_reason(record),
        )
        for record in sorted(records, key=lambda record: record.order, reverse=True)
    ]
    return [run for run in runs if pattern is None or run.matches(pattern)][:limit]


def _registry(settings: MlflowConfig, root: Path) -> MlflowRegistry:
    """The runs of an experiment; unlike for a job, neither store nor experiment is created."""
    name = settings.experiment_name
    uri = resolve_tracking_uri(settings.tracking_uri or "", root)
    file = sqlite_file(uri)
    if file is not None and not file.is_file():
        raise NothingRecordedError(f"no runs in experiment `{name}`: there is no database {file} yet")
    client = open_client(uri)
    experiment_id = find_experiment(client, name)
    if experiment_id is None:
        others = sorted(active_experiments(client).values())
        hint = meant_or_all(name, others[:_MOST_LISTED], "there are") if others else "there is none"
        raise NothingRecordedError(f"there is no experiment `{name}` yet; {hint}")
    return MlflowRegistry(client, experiment_id)


@dataclass(frozen=True, slots=True)
class CleanPlan:
    """What `runs clean` would do; `apply` does it.

    Attributes:
        abandoned_claims: claims to be deleted.
        stale_runs: runs that are RUNNING without a sign of life; they are marked FAILED and keep their data.
        duplicates: runs with the same name; they are only reported, since the user has to choose.
    """

    abandoned_claims: tuple[RunRecord, ...]
    stale_runs: tuple[RunRecord, ...]
    duplicates: tuple[tuple[RunRecord, ...], ...]
    registry: MlflowRegistry

    def apply(self) -> None:
        """Clean up; runs that have given a sign of life since are left as they are."""
        for record in (*self.abandoned_claims, *self.stale_runs):
            current = self.registry.get(record.run_id)
            if current is None or not current.is_abandoned(now_ms()):
                continue
            if current.is_pending:
                self.registry.delete(current.run_id)
            elif current.status == "RUNNING":
                # the end is its last sign of life, not the time of the clean-up
                self.registry.set_status(
                    current.run_id, "FAILED", max(current.heartbeat_ms, current.start_ms)
                )


def plan_clean(settings: MlflowConfig, root: Path) -> CleanPlan:
    """Find what there is to clean up.

    Raises:
        NothingRecordedError: there is no such experiment.
        TrackingError: the store cannot be reached.
    """
    registry = _registry(settings, root)
    records = registry.all_runs()
    now = now_ms()
    return CleanPlan(
        tuple(record for record in records if record.is_pending and record.is_abandoned(now)),
        tuple(
            record
            for record in records
            if not record.is_pending and record.status == "RUNNING" and record.is_abandoned(now)
        ),
        tuple(tuple(group) for group in _duplicates(records)),
        registry,
    )


def sync(
    folder: Path, tracking_uri: str, patience_s: float = 120.0, root: Path | None = None
) -> list[Undelivered]:
    """Send what the journals in a run's folder have not sent yet. Returns what could not be sent.

    It may be repeated: points that the run already has are not sent again.

    Args:
        folder: the run's folder, or one above it: every journal below is sent.
        tracking_uri: the store. The address in a journal is not used, since anybody may have written it.
        patience_s: the time limit for each journal, in seconds.

    Raises:
        UnreadableJournalError: there is no journal, or it cannot be read.
        TrackingError: the store cannot be reached.
    """
    journals = [journal for run_dir in _run_dirs(folder) for journal in Journal.all_in(run_dir)]
    if not journals:
        raise UnreadableJournalError(
            f"there is no journal in {folder}; give the folder of a run, such as `outputs/…`"
        )
    left: list[Undelivered] = []
    for journal in journals:
        left += _send(journal, tracking_uri, patience_s, root or Path.cwd())
    return left


def recorded_addresses(folder: Path) -> frozenset[str]:
    """The addresses of the stores, without credentials, in the journals in a run's folder or below it.

    Raises:
        UnreadableJournalError: one cannot be read.
    """
    journals = [journal for run_dir in _run_dirs(folder) for journal in Journal.all_in(run_dir)]
    return frozenset(journal.header().tracking_uri for journal in journals)


def _send(journal: Journal, tracking_uri: str, patience_s: float, root: Path) -> list[Undelivered]:
    header = journal.header()
    for _ in journal.entries(0):
        pass  # read to the end first, so that a damaged journal raises before anything is sent
    uri = resolve_tracking_uri(tracking_uri, root)
    client = open_client(uri)
    artifacts = RunArtifacts(client, header.run_id, sqlite_file(uri))
    sink = MlflowSink(client, MlflowRegistry(client, header.experiment_id), uri, header.run_id, artifacts)
    carrier = Delivery(journal, sink, KnownPoints(sink), confined=True)
    if not carrier.left:
        return []
    sender = Sender([carrier], gather_s=0.05)
    sender.start()
    return sender.drain(patience_s)


def _run_dirs(folder: Path) -> list[Path]:
    return sorted({file.parent.parent for file in folder.rglob("tracking*/run.json")})


def _duplicates(records: Sequence[RunRecord]) -> list[list[RunRecord]]:
    by_name: dict[str, list[RunRecord]] = defaultdict(list)
    for record in records:
        if not record.is_pending:
            by_name[record.name].append(record)
    return [group for group in by_name.values() if len(group) > 1]


def _state_text(record: RunRecord, now: int) -> str:
    if record.is_pending:
        return _ABANDONED_CLAIM if record.is_abandoned(now) else _CLAIM
    state = state_of_run(record, now)
    if state is NameState.FOREIGN:
        return f"{record.status.lower()} (another tool's)"
    if state is NameState.FAILED and record.status != "FAILED":
        return _KILLED if record.status == "KILLED" else _NO_SIGN_OF_LIFE
    return state.value


def _reason(record: RunRecord) -> str | None:
    error = record.tags.get("serotiny.error")
    return " ".join(error.split()) if error and record.status == "FAILED" else None


def _metric_text(record: RunRecord) -> str | None:
    if not record.metrics:
        return None
    preferred = ("val_loss", "train_loss", "test_loss", "loss", *sorted(record.metrics))
    name = next(name for name in preferred if name in record.metrics)
    return f"{name}={record.metrics[name]:.4g}"
