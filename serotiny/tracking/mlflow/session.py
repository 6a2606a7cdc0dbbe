"""Record a run in MLflow, through a journal and a sender."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from typing_extensions import override

from serotiny.credentials.masking import mask_credentials
from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import CheckpointRecord, is_whole_archive, recorded_checkpoints
from serotiny.tracking.clock import now_ms
from serotiny.tracking.contents import RunContents, histories
from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.limits import (
    MAX_PARAMS,
    MAX_TAG_LENGTH,
    storable_key,
    storable_params,
    storable_value,
)
from serotiny.tracking.mlflow.system_metrics import SystemMetrics, are_wanted
from serotiny.tracking.outbox.contents import (
    has_checkpoint,
    journal_pictures,
    journal_points,
    journal_tags,
    journal_texts,
)
from serotiny.tracking.outbox.delivery import Undelivered
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.sender import Sender
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.run_folder.folder import DOWNLOAD_PREFIX, RunFolder, note_finished
from serotiny.tracking.session import CheckpointSource, CloseReport, DataSet, EndStatus, RunInfo, RunSession

_LOG = logging.getLogger(__name__)
_TIMES_LARGER = 4
_BYTES_LARGER = 50_000_000
"""A checkpoint than that of an earlier time: an optimizer has its state from its first step on."""


class MlflowSession(RunSession):
    """`RunSession` in MLflow. Use `open_run` to make one, which reserves the name first."""

    def __init__(
        self,
        info: RunInfo,
        record: RunRecord,
        artifacts: RunArtifacts,
        folder: RunFolder,
        journal: Journal,
        sender: Sender,
        heartbeat: Heartbeat | None,
        drain_s: float,
        earlier: tuple[Journal, ...] = (),
    ) -> None:
        """`heartbeat` is None for `test` and `predict` on a trained run, whose status they do not change.

        `earlier` are the journals of the run's earlier starts on this machine.
        """
        self._info = info
        self._record = record
        self._artifacts = artifacts
        self._folder = folder
        self._journal = journal
        self._sender = sender
        self._heartbeat = heartbeat
        self._drain_s = drain_s
        self._earlier = earlier
        self._keys: dict[str, str] = {}
        self._report: CloseReport | None = None
        self._end_is_noted = False
        sender.start()
        self._system_metrics: SystemMetrics | None = None
        if heartbeat:
            heartbeat.start()
            if are_wanted():
                self._system_metrics = SystemMetrics(self.log_metrics, record.start_ms)
                self._system_metrics.start()

    @property
    @override
    def info(self) -> RunInfo:
        return self._info

    @property
    @override
    def is_lost(self) -> bool:
        return self._heartbeat is not None and self._heartbeat.lost.is_set()

    @override
    def checkpoints(self) -> list[CheckpointSource]:
        return checkpoints_of(self._record, self._earlier)

    @override
    def fetch(self, source: CheckpointSource, folder: Path) -> Path | None:
        if source.file is not None:
            return source.file if source.file.exists() else None
        records = {record.path: record for record in recorded_checkpoints(self._record.tags)}
        record = records.get(source.artifact or "")
        if record is None:
            return None
        return fetch_checkpoint(self._artifacts, record, folder)

    @override
    def log_params(self, params: Mapping[str, Any]) -> None:
        whole_in = f"{layout.PARAMS_FOLDER}/whole-{self._info.generation}.json"
        storable = storable_params(params, whole_in)
        self._journal.append("params", {"values": storable.params})
        if len(params) > MAX_PARAMS:
            told = "MLflow gets %s of the %s values in this run's config; the others are in its artifact `%s`"
            _LOG.warning(told, f"{MAX_PARAMS:,}", f"{len(params):,}", whole_in)
        if storable.whole or self._info.generation > 1:
            # A resumed run may differ in allowed ways, but parameters in MLflow cannot be changed.
            kept = dict(params) if self._info.generation > 1 else storable.whole
            self.log_text(json.dumps(kept, indent=2, ensure_ascii=False, default=str), whole_in)

    @override
    def log_metrics(self, values: Mapping[str, float], step: int, timestamp_ms: int | None = None) -> None:
        named = {self._key(name): float(value) for name, value in values.items()}
        time_ms = now_ms() if timestamp_ms is None else timestamp_ms
        self._journal.append("metrics", {"step": step, "time_ms": time_ms, "values": named})

    @override
    def log_text(self, text: str, artifact_path: str) -> None:
        file = self._journal.keep_text(text, artifact_path)
        self._journal.append("upload", {"file": self._journal.portable(file), "to": artifact_path})

    @override
    def set_tags(self, tags: Mapping[str, str]) -> None:
        values = {
            storable_key(key): storable_value(mask_credentials(value), MAX_TAG_LENGTH, "(nowhere)")
            for key, value in tags.items()
        }
        self._journal.append("tags", {"values": values})

    @override
    def log_data_set(self, data_set: DataSet) -> None:
        self._journal.append("data_set", asdict(data_set))

    @override
    def upload(self, path: Path, artifact_dir: str = "") -> None:
        path = path.absolute()
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(path).as_posix() if path.is_dir() else path.name
            target = f"{artifact_dir.strip('/')}/{name}".lstrip("/")
            self._journal.append("upload", {"file": self._journal.portable(file), "to": target})

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
        about = {"epoch": epoch, "step": step, "monitor": monitor, "score": score}
        target = f"{layout.CHECKPOINT_FOLDER}/{name or path.name}"
        version = self._journal.keep_version(path, target)
        entry = {
            "file": self._journal.portable(version),
            "to": target,
            "of": self._journal.portable(path),
            "checkpoint": about,
        }
        self._journal.append("upload", entry)

    @override
    def contents(self, status: EndStatus) -> RunContents:
        info, journals = self._info, [*self._earlier, self._journal]
        return RunContents(
            run_id=info.run_id,
            run_name=info.run_name,
            experiment_name=info.experiment_name,
            tracking_uri=info.tracking_uri,
            status=status,
            start_ms=self._record.start_ms,
            end_ms=now_ms(),
            tags=journal_tags(self._record.tags, self._journal),
            metrics=histories(journal_points(journals)),
            texts=journal_texts(journals),
            pictures=journal_pictures(journals),
            is_whole=len(journals) >= info.generation,
            has_checkpoint=bool(recorded_checkpoints(self._record.tags)) or has_checkpoint(journals),
        )

    @override
    def close(self, status: EndStatus, *, at_once: bool = False) -> CloseReport:
        if self._report is not None:
            return self._report
        if self._system_metrics is not None:
            self._system_metrics.stop()
        unwritten: tuple[str, ...] = ()
        try:
            if self._heartbeat is not None and not self.is_lost and not at_once:
                self._note_end(status)
        except JournalError as error:  # with a full disk the run must still be ended
            unwritten = (str(error),)
        # before the heartbeat stops, since the run must look alive while data is still being sent
        left = self._sender.drain(0.0 if at_once else self._drain_s)
        is_untold = at_once and (left or not self._end_is_noted)
        if (is_untold and self._heartbeat is not None and not self.is_lost) or (unwritten and not left):
            self._sender.end(status)
        if self._heartbeat:
            self._heartbeat.stop()
        self._journal.close()
        if self._heartbeat or self._folder.earlier is None:
            self._folder.end(status)
        else:
            self._folder.give_back()
        if self._heartbeat and status == "FINISHED":
            for journal in self._earlier:
                note_finished(journal.folder.parent, self._info.run_id)
        self._report = CloseReport((*unwritten, *self._lines(left)))
        return self._report

    def _note_end(self, status: EndStatus) -> None:
        if status == "FINISHED" and layout.TAG_ERROR in self._record.tags:
            self.set_tags({layout.TAG_ERROR: ""})
        self._journal.append("end", {"status": status, "time_ms": now_ms()})
        self._end_is_noted = True

    def _lines(self, left: list[Undelivered]) -> list[str]:
        if self._sender.is_gone and left:
            where = ", ".join(dict.fromkeys(str(item.folder) for item in left))
            return [f"{left[0].reason}; what it did not get stays in {where}"]
        return [line for item in left for line in _describe(item)]

    def _key(self, name: str) -> str:
        if name not in self._keys:
            self._keys[name] = storable_key(name)
        return self._keys[name]


def _describe(left: Undelivered) -> list[str]:
    lines = []
    reason = f" ({left.reason})" if left.reason else ""
    later = f"send it later with `serotiny runs sync {left.folder}`"
    if left.bytes_:
        lines.append(
            f"{left.bytes_} bytes of the journal have not reached the tracking store{reason}; {later}"
        )
    if left.uploads:
        lines.append(f"not uploaded: {', '.join(left.uploads)}{reason}; {later}")
    return lines


def checkpoints_of(run: RunRecord, journals: Sequence[Journal]) -> list[CheckpointSource]:
    """The checkpoints of a run in its tags and in the journals on this machine, the newest first."""
    stored = [
        CheckpointSource(
            name=Path(r.path).name,
            file=None,
            artifact=r.path,
            epoch=r.epoch,
            step=r.step,
            monitor=r.monitor,
            score=r.score,
        )
        for r in recorded_checkpoints(run.tags)
    ]
    local = [source for journal in journals for source in _local_checkpoints(journal)]
    # Among equals local ones come first, since they need no download: the sort is stable.
    return sorted(local + stored, key=lambda s: -1 if s.step is None else s.step, reverse=True)


def _local_checkpoints(journal: Journal) -> list[CheckpointSource]:
    """The checkpoints that an earlier start wrote on this machine and that still exist."""
    found: dict[str, CheckpointSource] = {}
    for entry in journal.entries(0):
        about = entry.data.get("checkpoint")
        if entry.kind == "upload" and about is not None:
            file = journal.located(entry.data.get("of") or entry.data["file"])
            found[entry.data["to"]] = CheckpointSource(
                name=Path(entry.data["to"]).name, file=file, artifact=None, **about
            )
    # another program may have written the journal: a file elsewhere is none of the run's
    return [source for source in found.values() if source.file is not None and journal.holds(source.file)]


def _most_bytes(record: CheckpointRecord, folder: Path) -> int:
    """How large the file of a checkpoint may be, which may be of another time than its record.

    Raises:
        TrackingError: the disk has no room for it.
    """
    free = shutil.disk_usage(folder).free
    if record.size_bytes > free:
        raise TrackingError(f"it has {record.size_bytes:,} bytes, and the disk has room for {free:,}")
    return min(free, _TIMES_LARGER * record.size_bytes + _BYTES_LARGER)


def fetch_checkpoint(artifacts: RunArtifacts, record: CheckpointRecord, folder: Path) -> Path | None:
    """Download a stored checkpoint; None, with a warning, when it is not complete.

    File and tag are written in two requests, and a process may die between them: so a file that does not match the
    tag is accepted if it is a complete archive.

    Raises:
        TransientTrackingError: the store cannot be reached.
    """
    target = folder / Path(record.path).name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=DOWNLOAD_PREFIX) as temporary:
        try:
            file = artifacts.fetch(record.path, Path(temporary), _most_bytes(record, folder))
        except TransientTrackingError:
            raise  # training would start over
        except Exception as error:  # every artifact store raises errors of its own
            _LOG.warning("checkpoint %s cannot be fetched: %s", record.path, mask_credentials(str(error)))
            return None
        if not record.fits(file) and not is_whole_archive(file):
            _LOG.warning(
                "checkpoint %s is not whole (%d bytes); passed over", record.path, file.stat().st_size
            )
            return None
        file.replace(target)
    return target
