"""The session of a process that does not own the run, so that nothing is recorded twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from serotiny.tracking.contents import RunContents
from serotiny.tracking.session import CheckpointSource, CloseReport, DataSet, EndStatus, RunInfo, RunSession


class SilentSession(RunSession):
    """`RunSession` of a rank other than 0: it has the run's identity, and ignores everything that is logged."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info

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
        return []

    @override
    def fetch(self, source: CheckpointSource, folder: Path) -> Path | None:
        return source.file

    @override
    def log_params(self, params: Mapping[str, Any]) -> None:
        pass

    @override
    def log_metrics(self, values: Mapping[str, float], step: int, timestamp_ms: int | None = None) -> None:
        pass

    @override
    def log_text(self, text: str, artifact_path: str) -> None:
        pass

    @override
    def set_tags(self, tags: Mapping[str, str]) -> None:
        pass

    @override
    def log_data_set(self, data_set: DataSet) -> None:
        pass

    @override
    def upload(self, path: Path, artifact_dir: str = "") -> None:
        pass

    @override
    def upload_checkpoint(
        self,
        path: Path,
        name: str | None = None,
        epoch: int | None = None,
        step: int | None = None,
        monitor: str | None = None,
        score: float | None = None,
    ) -> None:
        pass

    @override
    def contents(self, status: EndStatus) -> RunContents:
        info = self._info
        return RunContents(
            run_id=info.run_id,
            run_name=info.run_name,
            experiment_name=info.experiment_name,
            tracking_uri=info.tracking_uri,
            status=status,
            is_whole=False,
        )

    @override
    def close(self, status: EndStatus, *, at_once: bool = False) -> CloseReport:
        return CloseReport()
