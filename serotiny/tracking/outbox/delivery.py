"""Carry a journal to the store, step by step; every step may be repeated without harm."""

from __future__ import annotations

import logging
import math
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.tracking.checkpoint_record import CheckpointRecord
from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.outbox.journal import Entry, Journal, JournalHeader, Progress
from serotiny.tracking.outbox.sink import MAX_POINTS, Point, RunSink

_LOG = logging.getLogger(__name__)

# MLflow stores infinities as the largest finite numbers.
_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What has not reached the store.

    Attributes:
        bytes_: of the journal.
        uploads: artifact paths.
        refused: entries that the store will never take; they are kept in `refused.jsonl`.
        folder: the run's folder, for `serotiny runs sync`.
        reason: the last fault, free of credentials.
    """

    bytes_: int
    uploads: tuple[str, ...]
    refused: int
    folder: Path
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.bytes_ or self.uploads)

    def __str__(self) -> str:
        parts = [f"{self.bytes_} bytes of the journal"] if self.bytes_ else []
        parts += [", ".join(self.uploads)] if self.uploads else []
        reason = f" ({self.reason})" if self.reason else ""
        return f"{' and '.join(parts)} in {self.folder}{reason}"


class KnownPoints:
    """The metric points that a run has, so that a resumed one does not log them again.

    One for all journals of a run: what one of them has just carried, the next one knows.
    """

    def __init__(self, sink: RunSink) -> None:
        self._sink = sink
        self._known: dict[str, set[tuple[int, float]]] = {}

    def new(self, points: Sequence[Point]) -> list[Point]:
        """Those points that the run does not have yet, by key, step and value."""
        return [point for point in points if (point.step, _stored(point.value)) not in self._of(point.key)]

    def add(self, points: Sequence[Point]) -> None:
        """The store has these now."""
        for point in points:
            self._of(point.key).add((point.step, _stored(point.value)))

    def _of(self, key: str) -> set[tuple[int, float]]:
        if key not in self._known:
            self._known[key] = {(point.step, _stored(point.value)) for point in self._sink.history(key)}
        return self._known[key]


class Delivery:
    """Carries one journal to the store, step by step; every step may be repeated without harm.

    Metrics, parameters and tags go in the order they were written. An upload starts only after all that was
    written before it has arrived: a checkpoint in the store implies the metrics that led to it.
    """

    def __init__(self, journal: Journal, sink: RunSink, known: KnownPoints | None = None) -> None:
        """One journal and the run that it belongs to.

        `known` leaves out points that the run has with that step and value, since an earlier generation
        of the run logged them before it died.
        """
        self._journal = journal
        self._sink = sink
        self._header: JournalHeader = journal.header()
        self._progress: Progress = journal.progress()
        self._known = known
        self._lock = threading.Lock()
        self.reason = ""

    @property
    def left(self) -> Undelivered:
        """What has not arrived."""
        with self._lock:
            unsent = self._journal.size() - self._progress.offset
            pending = tuple(self._progress.pending)
            return Undelivered(
                unsent,
                pending,
                refused=self._progress.refused,
                folder=self._journal.folder.parent,
                reason=self.reason,
            )

    def carry(self) -> bool:
        """Send the next batch of entries; False when there is none.

        Raises:
            TransientTrackingError: the store is away; nothing is lost.
        """
        points: list[Point] = []
        offset = self._progress.offset
        for entry in self._journal.entries(offset):
            if entry.kind == "metrics":
                new = _points_of(entry)
                if points and len(points) + len(new) > MAX_POINTS:
                    break
                points += new
            else:
                if points:
                    break
                self._carry_entry(entry)
                offset = entry.end
                break
            offset = entry.end
        if offset == self._progress.offset:
            return False
        self._log_points(points)
        with self._lock:
            self._progress.offset = offset
        self._journal.save_progress(self._progress)
        return True

    def uploads(self) -> list[tuple[str, dict[str, Any]]]:
        """Where a file is to go, and its upload entry, for each upload whose turn has come."""
        with self._lock:
            return list(self._progress.pending.items())

    def upload(self, target: str, data: dict[str, Any]) -> None:
        """Carry one file.

        Raises:
            TrackingError: the store is away or refuses it; it stays pending.
        """
        file = self._journal.located(data["file"])
        if file.exists():
            with snapshot(file, self._journal.folder / "outbox" / Path(target).name) as copy:
                self._sink.upload(copy, str(Path(target).parent) if "/" in target else "")
                if data.get("checkpoint") is not None and self._is_ours():
                    record = CheckpointRecord.of_file(copy, target, **data["checkpoint"])
                    self._sink.set_tags({record.tag: record.to_json()})
        else:
            _LOG.warning("%s is gone before it could be uploaded", file)
        with self._lock:
            if self._progress.pending.get(target) == data:  # no newer one came meanwhile
                del self._progress.pending[target]
        self._journal.save_progress(self._progress)

    def close(self) -> None:
        """Close the connections to the store."""
        self._sink.close()

    def _is_ours(self) -> bool:
        return not self._header.token or self._sink.is_ours(self._header.token)

    def _carry_entry(self, entry: Entry) -> None:
        data = entry.data
        if entry.kind == "upload":
            with self._lock:
                self._progress.pending.pop(data["to"], None)
                self._progress.pending[data["to"]] = {**data, "at": entry.end}
            return
        try:
            if entry.kind == "params":
                self._log_params(data["values"])
            elif entry.kind == "tags" and self._is_ours():
                self._sink.set_tags(data["values"])
            elif entry.kind == "end" and self._is_ours():
                self._sink.end(data["status"], data["time_ms"])
        except TransientTrackingError:
            raise
        except TrackingError as error:
            self._refuse(entry.kind, data, error)

    def _log_params(self, values: dict[str, str]) -> None:
        """Parameters are immutable in MLflow: what an earlier generation logged otherwise stays as it is."""
        existing = self._sink.params()
        self._sink.log_params({key: value for key, value in values.items() if key not in existing})

    def _log_points(self, points: list[Point]) -> None:
        if self._known is not None:
            points = self._known.new(points)
        for start in range(0, len(points), MAX_POINTS):
            batch = points[start : start + MAX_POINTS]
            try:
                self._sink.log_points(batch)
            except TransientTrackingError:
                raise
            except TrackingError as error:
                self._log_one_by_one(batch, error)
        if self._known is not None:
            self._known.add(points)

    def _log_one_by_one(self, batch: Sequence[Point], error: TrackingError) -> None:
        """One bad point must not cost the others; a refusal of all of them is not about points."""
        refused: list[tuple[Point, TrackingError]] = []
        for point in batch:
            try:
                self._sink.log_points([point])
            except TransientTrackingError:
                raise
            except TrackingError as fault:
                refused.append((point, fault))
                if len(refused) == 3 and point is batch[2]:
                    raise TransientTrackingError(str(error)) from None
        for point, reason in refused:
            self._refuse("metrics", point._asdict(), reason)

    def _refuse(self, kind: str, data: dict[str, Any], error: TrackingError) -> None:
        _LOG.warning("the tracking store refuses %s: %s", kind, error)
        self._journal.note_refused(kind, data, str(error))
        with self._lock:
            self._progress.refused += 1


@contextmanager
def snapshot(file: Path, copy: Path) -> Iterator[Path]:
    """The file as it is now, under another name: a checkpoint may be replaced while it is uploaded."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    try:
        os.link(file, copy)
    except OSError:  # a filesystem without hard links
        shutil.copy2(file, copy)
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _points_of(entry: Entry) -> list[Point]:
    step, time_ms = entry.data["step"], entry.data["time_ms"]
    return [Point(key, value, time_ms, step) for key, value in entry.data["values"].items()]


def _stored(value: float) -> float:
    """The value as MLflow keeps it; NaN, which equals nothing, as an infinity, which it never keeps."""
    if math.isnan(value):
        return math.inf
    return math.copysign(_LARGEST, value) if math.isinf(value) else value
