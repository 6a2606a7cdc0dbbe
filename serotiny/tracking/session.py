"""The interface through which a job records its run, in MLflow or in a folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from serotiny.diagnostics import Diagnostic, SerotinyError
from serotiny.tracking.contents import RunContents

EndStatus = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRun:
    """The run that a job asks for when it starts.

    Attributes:
        operation: `train`, `test` or `predict`.
        run_name: the requested name; None for a unique generated one.
        logged_config: the config to log and to compare on resume, with secrets unresolved.
        identity: a hash of the config without the values that cannot change a result.
        project_root: the folder that relative sqlite files and checkpoints are relative to.
        ckpt_path: a checkpoint that the user named: for `test` and `predict` a file, or one of the run's by its name.
        job_keys: the keys of the config whose values differ from job to job (folder, number).
        run_dir: the job's folder; None where it is a new one in any case, or only the running job knows it.
    """

    operation: str
    run_name: str | None
    logged_config: Mapping[str, Any]
    identity: str
    project_root: Path
    ckpt_path: str | None = None
    job_keys: Collection[str] = ()
    run_dir: Path | None = None

    @property
    def checkpoint_file(self) -> Path | None:
        """The checkpoint file that the user named; None for a name of a run's own checkpoint (`last`, `best-val_loss`)."""
        given = self.ckpt_path
        if given is None or not ("/" in given or "." in given):
            return None
        return self.project_root / Path(given).expanduser()

    @property
    def may_be_new(self) -> bool:
        """Whether the job may create a run: a training, or an operation whose checkpoint is given as a file."""
        return self.operation == "train" or self.checkpoint_file is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest(AskedRun):
    """The request to record a job.

    Attributes:
        run_dir: the job's folder; the journal is in `run_dir/tracking`, and the caller writes checkpoints to
            `run_dir/checkpoints`.
        parent_run_id: the run of the sweep that the job belongs to.
    """

    run_dir: Path
    parent_run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The job may not start, as its diagnostics say (SER401, SER403 to SER407, SER409). Nothing was written."""

    diagnostics: tuple[Diagnostic, ...]


class RunRefusedError(SerotinyError):
    """A refusal as an exception; its diagnostics (SER4xx) give the reason why nothing was started."""

    exit_status = 1

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing is left to do; `reason` is a sentence for the user, and the exit status is 0.

    `metrics` are the run's last values. A run that is skipped need not have finished.
    """

    run_id: str
    run_name: str
    reason: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    is_skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSource:
    """A checkpoint from which a run can be continued.

    Attributes:
        file: the local file, if it is on this machine.
        artifact: otherwise its path among the artifacts.
        name: the file name, such as `last.ckpt` or `best-val_loss.ckpt`.
        epoch, step: the position in the training at which it was written; None if not known.
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
    """The result of closing a session; `left` says in a line each what was not sent to the store, and what to do."""

    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """The identity of the run, and notes on how it was opened.

    Attributes:
        generation: the number of the start: 1 for a new run, one more each time it is resumed.
        tracking_uri: the store without credentials; None for a run in a folder.
        notes: sentences for the user: allowed drift, a stale owner, journals elsewhere.
        has_drifted: whether the config differs from the run's earlier one in more than is allowed by default.
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


FROM_THE_START = "it has no checkpoint to go on from, and is trained from the start"
"""What a job says of a run that is resumed, and so does a check before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The data that a run was trained on.

    Attributes:
        name: a name to be shown.
        digest: identifies the state of the data; at most 36 characters.
        source: the location as a URI.
    """

    name: str
    digest: str
    source: str


class RunSession(Protocol):
    """One run that is being recorded.

    The logging methods write to a local journal and return at once; they raise only if the local disk fails
    (`JournalError`). Everything is sent in order, and a file is uploaded after everything that was logged before it.
    """

    @property
    def info(self) -> RunInfo:
        """The identity of the run, and notes on how it was opened."""
        ...

    @property
    def is_lost(self) -> bool:
        """Whether another process has taken over the run, or it was deleted; then the job must stop. Fast."""
        ...

    def checkpoints(self) -> list[CheckpointSource]:
        """The local and stored checkpoints of the run, the newest first."""
        ...

    def fetch(self, source: CheckpointSource, folder: Path) -> Path | None:
        """The checkpoint as a complete local file; None, with a warning, if it is truncated or does not exist."""
        ...

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log flat parameters of any length; those beyond MLflow's limits are stored whole under `params/`."""
        ...

    def log_metrics(self, values: Mapping[str, float], step: int, timestamp_ms: int | None = None) -> None:
        """Log the values of one step. Never waits for the store."""
        ...

    def log_text(self, text: str, artifact_path: str) -> None:
        """Upload a text as an artifact."""
        ...

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags of the run."""
        ...

    def log_data_set(self, data_set: DataSet) -> None:
        """Log the data that the run is trained on."""
        ...

    def upload(self, path: Path, artifact_dir: str = "") -> None:
        """Upload a file, or every file of a folder, below `artifact_dir`, later and with retries.

        The file must not be deleted. A newer upload to the same path replaces one that is still waiting.
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
        """Upload a complete, closed checkpoint file as `checkpoints/NAME` (by default its own name)."""
        ...

    def contents(self, status: EndStatus) -> RunContents:
        """The contents of the run as they are known on this machine, without asking the store."""
        ...

    def close(self, status: EndStatus, *, at_once: bool = False) -> CloseReport:
        """End the run, and wait at most `drain_s` until everything has been sent. Closing twice is no error.

        With `at_once` nothing is waited for: the run ends, and what was not sent stays for the next start. It may follow
        a call that a signal has interrupted.
        `test` and `predict` do not change the status of a trained run.
        """
        ...
