"""Record a run without MLflow, in files in its folder."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from typing_extensions import override

from serotiny.filesystem import read_plain_file, replace_file, replacing
from serotiny.plain_yaml import MAX_BYTES, read_plain_yaml, write_plain_yaml
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import BEST
from serotiny.tracking.clock import now_ms
from serotiny.tracking.contents import RunContents
from serotiny.tracking.folder_contents import METRICS_FILE, RUN_FILE, TAGS_FILE, folder_contents, tags_in
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.named_checkpoint import refused_name
from serotiny.tracking.reservation.resumption import GoOn, judge_resumption
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.run_folder.owner_file import FolderOwner
from serotiny.tracking.session import (
    AskedRun,
    CheckpointSource,
    CloseReport,
    DataSet,
    EndStatus,
    Finished,
    Refusal,
    RunInfo,
    RunRequest,
    RunSession,
)


def open_local(
    settings: MlflowConfig, request: RunRequest, folder: RunFolder
) -> LocalSession | Finished | Refusal:
    """A session in the job's folder, of a new run or of the run that is recorded there already.

    Returns:
        As `open_run`; names need not be unique here, since each run has its own folder.

    Raises:
        JournalError: the folder cannot be written.
    """
    judged = judge_local(settings, request, folder.path, folder.earlier)
    if not isinstance(judged, GoOn):
        return judged
    run_id = uuid.uuid4().hex if folder.earlier is None else folder.earlier.run_id
    return LocalSession(request, folder, run_id, judged)


def judge_local(
    settings: MlflowConfig, asked: AskedRun, folder: Path, earlier: FolderOwner | None
) -> GoOn | Finished | Refusal:
    """What a job does in its folder, which has the files of the run `earlier`; nothing is written.

    Returns:
        How it goes on; or that nothing is left to do; or SER406, or SER407 for a checkpoint that is not there.
    """
    if asked.operation != "train":
        run_name = None if earlier is None else earlier.run_name or asked.run_name or "without a name"
        checkpoints = [] if earlier is None else _checkpoints_in(folder)
        if asked.ckpt_path is None and not checkpoints:
            return Refusal((refusals.no_checkpoint_here(asked.operation),))
        fault = refused_name(asked, run_name, checkpoints)
        return GoOn() if fault is None else Refusal((fault,))
    if earlier is None:
        return GoOn()
    return judge_resumption(
        settings,
        _record_of(earlier, tags_in(folder)),
        old=_old_config(folder),
        new=asked.logged_config,
        identity=asked.identity,
        job_keys=asked.job_keys,
    )


def _record_of(owner: FolderOwner, tags: Mapping[str, str]) -> RunRecord:
    """The run of a folder as the record that a store would return."""
    who = {
        layout.TAG_STATE: "owned",
        layout.TAG_IDENTITY: owner.identity,
        layout.TAG_HOST: owner.host,
        layout.TAG_PID: str(owner.pid),
        layout.TAG_SINCE: owner.since,
    }
    name = owner.run_name or "without a name"
    return RunRecord(run_id=owner.run_id, name=name, status=owner.status, start_ms=0, tags={**tags, **who})


def _old_config(folder: Path) -> dict[str, Any] | None:
    try:
        config = read_plain_yaml(
            read_plain_file(folder / layout.config_path("train"), MAX_BYTES).decode("utf-8")
        )
    except (OSError, ValueError):
        return None
    return config if isinstance(config, dict) else None


class LocalSession(RunSession):
    """`RunSession` for `tracking_uri: null`.

    Writes `metrics.jsonl` (one line a call: step, timestamp_ms, values), `params.json`, `tags.json`, `run.json`
    (id, name, status, times) and the artifacts in the folders that they have in MLflow, all below `run_dir`.
    """

    def __init__(
        self,
        request: RunRequest,
        folder: RunFolder,
        run_id: str,
        how: GoOn = GoOn(),  # noqa: B008  # frozen
    ) -> None:
        name = _name_of(request)
        run_dir = folder.path
        # `test` and `predict` do not change the status of a trained run
        self._is_owner = request.operation == "train" or folder.earlier is None
        folder.hold(run_id, request.run_name or "")
        self._folder = folder
        self._info = RunInfo(
            run_id=run_id,
            run_name=name,
            experiment_id="",
            experiment_name="",
            run_dir=run_dir,
            notes=how.notes,
            has_drifted=how.has_drifted,
        )
        self._tags: dict[str, str] = tags_in(run_dir)
        self._start_ms = now_ms()
        self._is_closed = False
        self._write_status({"status": "RUNNING", "start_ms": self._start_ms})
        config = write_plain_yaml(dict(request.logged_config))
        self.log_text(config, layout.config_path(request.operation))
        try:
            # line-buffered: a killed process loses only the line that it was writing
            self._metrics = (run_dir / METRICS_FILE).open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise _unwritable(run_dir, error) from error

    @property
    @override
    def info(self) -> RunInfo:
        return self._info

    @property
    @override
    def is_lost(self) -> bool:
        return False

    @override
    def checkpoints(self) -> list[CheckpointSource]:
        return _checkpoints_in(self._info.run_dir)

    @override
    def fetch(self, source: CheckpointSource, folder: Path) -> Path | None:  # it is here already
        return source.file

    @override
    def log_params(self, params: Mapping[str, Any]) -> None:
        self._write("params.json", dict(params))

    @override
    def log_metrics(self, values: Mapping[str, float], step: int, timestamp_ms: int | None = None) -> None:
        line = {
            "step": step,
            "timestamp_ms": now_ms() if timestamp_ms is None else timestamp_ms,
            "values": dict(values),
        }
        try:
            self._metrics.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise _unwritable(self._info.run_dir, error) from error

    @override
    def log_text(self, text: str, artifact_path: str) -> None:
        target = self._info.run_dir / artifact_path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, text)
        except OSError as error:
            raise _unwritable(target, error) from error

    @override
    def set_tags(self, tags: Mapping[str, str]) -> None:
        self._tags = {key: value for key, value in {**self._tags, **tags}.items() if value}
        self._write(TAGS_FILE, self._tags)

    @override
    def log_data_set(self, data_set: DataSet) -> None:
        self._write("data_set.json", asdict(data_set))

    @override
    def upload(self, path: Path, artifact_dir: str = "") -> None:
        target = self._info.run_dir / artifact_dir / path.name
        if path.absolute() == target.absolute() or (path.is_dir() and not any(path.iterdir())):
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                folder = self._info.run_dir / artifact_dir
                if folder.absolute() != path.absolute():
                    shutil.copytree(path, folder, dirs_exist_ok=True)
            else:
                shutil.copy2(path, target)
        except OSError as error:
            raise _unwritable(target, error) from error

    @override
    def upload_checkpoint(
        self,
        path: Path,
        name: str | None = None,
        epoch: int | None = None,  # not recorded here, since the file itself has it
        step: int | None = None,
        monitor: str | None = None,
        score: float | None = None,
    ) -> None:
        target = self._info.run_dir / layout.CHECKPOINT_FOLDER / (name or path.name)
        if path.absolute() == target.absolute():
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as partial:
                shutil.copy2(path, partial)
        except OSError as error:
            raise _unwritable(target, error) from error

    @override
    def contents(self, status: EndStatus) -> RunContents:
        return replace(folder_contents(self._info.run_dir), status=status, end_ms=now_ms())

    @override
    def close(self, status: EndStatus, *, at_once: bool = False) -> CloseReport:
        if self._is_closed:
            return CloseReport()
        self._metrics.close()
        if status == "FINISHED" and self._is_owner and layout.TAG_ERROR in self._tags:
            self.set_tags({layout.TAG_ERROR: ""})
        self._write_status({"status": status, "start_ms": self._start_ms, "end_ms": now_ms()})
        if self._is_owner:
            self._folder.end(status)
        else:
            self._folder.give_back()
        self._is_closed = True
        return CloseReport()

    def _write_status(self, status: Mapping[str, Any]) -> None:
        if self._is_owner:
            self._write(RUN_FILE, {"id": self._info.run_id, "name": self._info.run_name, **status})

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        self.log_text(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n", name)


def _name_of(request: RunRequest) -> str:
    return request.run_name or f"{request.operation}-{time.strftime('%Y%m%d-%H%M%S')}"


def _checkpoints_in(run_dir: Path) -> list[CheckpointSource]:
    found = (run_dir / layout.CHECKPOINT_FOLDER).glob("*.ckpt")
    files = sorted(
        filter(Path.is_file, found),  # not a link that leads nowhere
        key=lambda file: file.stat().st_mtime,
        reverse=True,
    )
    return [CheckpointSource(name=file.name, file=file, monitor=_monitor_of(file)) for file in files]


def _monitor_of(file: Path) -> str | None:
    """The metric by which a checkpoint is the best, which its name says."""
    head, _, metric = file.stem.partition("-")
    return metric if head == BEST and metric else None


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"{path} cannot be written: {error.strerror}; free some space or choose another folder"
    )
