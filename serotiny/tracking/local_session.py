"""A run without MLflow: everything in its folder."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

from serotiny.filesystem import replace_file, replacing
from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.outbox.journal import JournalError
from serotiny.tracking.session import (
    CheckpointSource,
    CloseReport,
    EndStatus,
    RunInfo,
    RunRequest,
    RunSession,
)


class LocalSession(RunSession):
    """`RunSession` for `tracking_uri: null`.

    Writes `metrics.jsonl` (one line a call: step, timestamp_ms, values), `params.json`, `tags.json`, `run.json`
    (name, status, times) and the artifacts in the folders that they have in MLflow, all below `run_dir`.
    """

    def __init__(self, request: RunRequest) -> None:
        name = request.run_name or f"{request.operation}-{time.strftime('%Y%m%d-%H%M%S')}"
        run_dir = request.run_dir.absolute()
        self._info = RunInfo(run_dir.name, name, experiment_id="", experiment_name="", run_dir=run_dir)
        self._tags: dict[str, str] = {}
        self._start_ms = now_ms()
        self._write("run.json", {"name": name, "status": "RUNNING", "start_ms": self._start_ms})
        config = yaml.safe_dump(dict(request.logged_config), sort_keys=False, allow_unicode=True)
        self.log_text(config, layout.config_path(request.operation))
        self._metrics = (run_dir / "metrics.jsonl").open("a", encoding="utf-8", buffering=1)

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
        files = sorted(
            (self._info.run_dir / layout.CHECKPOINT_FOLDER).glob("*.ckpt"),
            key=lambda file: file.stat().st_mtime,
            reverse=True,
        )
        return [CheckpointSource(file.name, file=file) for file in files]

    @override
    def fetch(self, source: CheckpointSource, folder: Path) -> Path | None:  # it is here already
        return source.file

    @override
    def log_params(self, params: Mapping[str, Any]) -> None:
        self._write("params.json", dict(params))

    @override
    def log_metrics(self, values: Mapping[str, float], step: int, timestamp_ms: int | None = None) -> None:
        line = {"step": step, "timestamp_ms": timestamp_ms or now_ms(), "values": dict(values)}
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
        self._tags |= tags
        self._write("tags.json", self._tags)

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
        epoch: int | None = None,  # the file's own name and content say it
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
    def close(self, status: EndStatus) -> CloseReport:
        if not self._metrics.closed:
            self._metrics.close()
            times = {"start_ms": self._start_ms, "end_ms": now_ms()}
            self._write("run.json", {"name": self._info.run_name, "status": status, **times})
        return CloseReport()

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        self.log_text(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n", name)


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"{path} cannot be written: {error.strerror}; free some space or choose another folder"
    )
