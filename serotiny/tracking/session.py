"""What a job talks to while it runs: one recorded run, in MLflow or in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from serotiny.diagnostics import Diagnostic, SerotinyError
from serotiny.tracking.contents import RunContents

EndStatus = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a job wants recorded.

    Attributes:
        operation: `train`, `test` or `predict`.
        run_name: the name asked for; None makes a unique one.
        logged_config: the config to log and to compare on resume, secrets unresolved.
        identity: hash of the config without what may not change a result.
        run_dir: the job's folder; the journal goes to `run_dir/tracking`, the caller writes checkpoints to
            `run_dir/checkpoints`.
        project_root: where relative sqlite files are counted from.
        ckpt_path: a checkpoint that the user named; `test` and `predict` then need no trained run.
        parent_run_id: the run of the sweep that the job is one of.
        job_keys: the keys of the config whose values each job has of its own (its folder, its number).
    """

    operation: str
    run_name: str | None
    logged_config: Mapping[str, Any]
    identity: str
    run_dir: Path
    project_root: Path
    ckpt_path: str | None = None
    job_keys: tuple[str, ...] = ()
    parent_run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The job may not start; why is SER401, SER403 to SER407 or SER409. Nothing was written."""

    diagnostics: tuple[Diagnostic, ...]


class RunRefusedError(SerotinyError):
    """A refusal where nobody takes it as a value; its diagnostics (SER4xx) tell why nothing was started."""

    exit_status = 1

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing is left to do; `reason` is a sentence for the user. The exit status is 0.

    `metrics` are the last values that the run has. A run that is skipped need not have finished.
    """

    run_id: str
    run_name: str
    reason: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    is_skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSource:
    """A checkpoint that a run can go on from.

    Attributes:
        file: the local file, when it lies on this machine.
        artifact: its path among the artifacts, otherwise.
        name: the file name, such as `last.ckpt` or `best-val_loss.ckpt`.
        epoch, step: when it was written; None where that is not known.
    """

    name: str
    file: Path | None = None
    artifact: str | None = None
    epoch: int | None = None
    step: int | None = None
    monitor: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class CloseReport:
    """How a session ended; `left` says in one line each what has not reached the store, and what to do."""

    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Which run it is.

    Attributes:
        generation: 1 for a new run, one more each time it is resumed.
        tracking_uri: without credentials; None for a run in a folder.
        notes: what the user should know: allowed drift, a stale owner, journals elsewhere.
        has_drifted: whether the config differs in more than may differ from the run's before.
    """

    run_id: str
    run_name: str
    experiment_id: str
    experiment_name: str
    run_dir: Path
    generation: int = 1
    tracking_uri: str | None = None
    notes: tuple[str, ...] = field(default=())
    has_drifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """What a run was trained on.

    Attributes:
        name: for people.
        digest: tells one state of it from another; at most 36 characters.
        source: where it is, as a URI.
    """

    name: str
    digest: str
    source: str


class RunSession(Protocol):
    """One run that is being recorded.

    The logging methods put things into a local journal and return at once; they raise only when the local
    disk does (`JournalError`). Their order is kept; an upload happens after everything logged before it.
    """

    @property
    def info(self) -> RunInfo:
        """Which run it is."""
        ...

    @property
    def is_lost(self) -> bool:
        """Whether another process has taken the run over, or somebody has deleted it. Cheap; stop when it is."""
        ...

    def checkpoints(self) -> list[CheckpointSource]:
        """What can be resumed from or tested: local and stored checkpoints, the newest first."""
        ...

    def fetch(self, source: CheckpointSource, folder: Path) -> Path | None:
        """The checkpoint as a whole local file; None (with a warning) when it is truncated or gone."""
        ...

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Flat parameters, of any length; what MLflow cannot hold is kept whole under `params/`."""
        ...

    def log_metrics(self, values: Mapping[str, float], step: int, timestamp_ms: int | None = None) -> None:
        """Values of one step. Never waits for the store."""
        ...

    def log_text(self, text: str, artifact_path: str) -> None:
        """A text as an artifact."""
        ...

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Tags of the run."""
        ...

    def log_data_set(self, data_set: DataSet) -> None:
        """What the run is trained on."""
        ...

    def upload(self, path: Path, artifact_dir: str = "") -> None:
        """A file, or every file of a folder, below `artifact_dir`. Uploaded later, and again until it succeeds.

        The file must stay; a newer upload to the same place replaces one that is still waiting.
        """
        ...

    def upload_checkpoint(
        self,
        path: Path,
        name: str | None = None,
        epoch: int | None = None,
        step: int | None = None,
        monitor: str | None = None,
        score: float | None = None,
    ) -> None:
        """A whole, closed checkpoint file as `checkpoints/NAME` (its own name by default)."""
        ...

    def contents(self, status: EndStatus) -> RunContents:
        """What is on record of the run so far, as it is known on this machine; the store is not asked."""
        ...

    def close(self, status: EndStatus) -> CloseReport:
        """End the run and wait at most `drain_s` until everything has arrived. Closing twice is no error.

        `test` and `predict` leave the status of a trained run as it was.
        """
        ...
