"""Send a journal to the store in steps, each of which may be repeated without harm."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import CheckpointRecord, recorded_checkpoint
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import RunGoneError, TrackingError, TransientTrackingError
from serotiny.tracking.outbox.entry import Entry
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.known_points import KnownPoints, points_of
from serotiny.tracking.outbox.progress import Progress
from serotiny.tracking.outbox.sink import MAX_POINTS, Point, RunSink
from serotiny.tracking.outbox.snapshot import snapshot
from serotiny.tracking.run_folder.folder import belongs_to

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """What has not been sent to the store.

    Attributes:
        bytes_: the number of bytes of the journal.
        uploads: artifact paths.
        refused: the number of entries that the store refuses for good; they are kept in `refused.jsonl`.
        folder: the run's folder, for `serotiny runs sync`.
        reason: the last error, without credentials.
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


class Delivery:
    """Sends one journal to the store in steps, each of which may be repeated without harm.

    Metrics, parameters and tags are sent in the order in which they were written. An upload starts only after
    everything before it has arrived, so that a checkpoint in the store implies the metrics that led to it. The end of
    the run is sent last.
    """

    def __init__(
        self,
        journal: Journal,
        sink: RunSink,
        known: KnownPoints | None = None,
        adopted_by: str | None = None,
        *,
        confined: bool = False,
    ) -> None:
        """Send `journal` to the run of `sink`.

        With `known`, points that the run already has with the same step and value are left out: an earlier start
        logged them before it died. `adopted_by` is the token of the run's current owner, if that is not the process
        that wrote the journal; then the end is not sent. `confined` allows uploads only from the run's own folder,
        since another program may have written the journal.
        """
        self._journal = journal
        self._sink = sink
        self._header: JournalHeader = journal.header()
        self._progress: Progress = journal.progress()
        self._known = known
        self._is_adopted = adopted_by is not None
        self._confined = confined or self._is_adopted
        self._token = adopted_by or self._header.token
        self._lock = threading.Lock()
        self.reason = ""
        self.waits_for_uploads = False
        # uploads that were pending when an earlier start died
        for data in self._progress.pending.values():
            journal.versions.pin(journal.located(data["file"]))

    @property
    def left(self) -> Undelivered:
        """What has not been sent yet."""
        with self._lock:
            unsent = self._journal.size() - self._progress.offset
            pending = tuple(self._progress.pending)
            return Undelivered(
                bytes_=unsent,
                uploads=pending,
                refused=self._progress.refused,
                folder=self._journal.folder.parent,
                reason=self.reason,
            )

    def carry(self, may_end: bool = True) -> bool:
        """Send the next batch of entries; False when there is none.

        Without `may_end` an entry that ends the run is not sent yet, and `waits_for_uploads` becomes true.

        Raises:
            TransientTrackingError: the store cannot be reached; nothing is lost.
            JournalError: the next entry is damaged; everything before it has been sent.
        """
        points: list[Point] = []
        offset = self._progress.offset
        self.waits_for_uploads = False
        for entry in self._readable_entries():
            if entry.kind == "metrics":
                new = points_of(entry)
                # an entry larger than a request is sent alone, in several requests
                if points and len(points) + len(new) > MAX_POINTS:
                    break
                points += new
            else:
                if points:
                    break
                if entry.kind == "end" and not (may_end or self._is_adopted):
                    self.waits_for_uploads = True
                    return False
                self._carry_entry(entry)
                offset = entry.end
                break
            offset = entry.end
        if offset == self._progress.offset:
            return False
        # progress is noted after sending: if the process dies in between, the batch is sent twice, which is harmless
        self._log_points(points)
        with self._lock:
            self._progress.offset = offset
            self._save_progress()
        return True

    def _readable_entries(self) -> Iterator[Entry]:
        """The entries that are left, up to a damaged one; only if the first is damaged, raise."""
        entries = self._journal.entries(self._progress.offset)
        first = next(entries, None)
        if first is not None:
            yield first
            with suppress(JournalError):
                yield from entries

    def uploads(self) -> list[tuple[str, dict[str, Any]]]:
        """The artifact path and the upload entry of each upload that may start now."""
        with self._lock:
            return list(self._progress.pending.items())

    def upload(self, target: str, data: dict[str, Any]) -> None:
        """Upload one file.

        Raises:
            TrackingError: the store cannot be reached or refuses the file; it stays pending.
        """
        file = self._journal.located(data["file"])
        # the thread that sends the journal may meet a newer version at any time, and release this one
        is_there = self._journal.versions.pin(file)
        try:
            if self._is_pending(target, data):
                self._upload_checked(file, target, data, is_there=is_there)
        finally:
            self._journal.versions.release(file)
        with self._lock:
            is_done = self._progress.pending.get(target) == data  # unless a newer one came meanwhile
            if is_done:
                del self._progress.pending[target]
            self._save_progress()
        if is_done:
            self._journal.versions.release(file)

    def _save_progress(self) -> None:
        """Save how far the journal was sent, if its folder can be written: that of an earlier start may be read-only."""
        try:
            self._journal.save_progress(self._progress)
        except OSError as error:
            _LOG.info("what was sent is sent again by the next start: %s", error)

    def _is_pending(self, target: str, data: dict[str, Any]) -> bool:
        with self._lock:
            return self._progress.pending.get(target) == data

    def _upload_checked(self, file: Path, target: str, data: dict[str, Any], *, is_there: bool) -> None:
        """Upload a file that exists and belongs to the run; another one is told of, and left."""
        if not is_there:
            _LOG.warning("%s is gone before it could be uploaded", file)
        elif self._confined and not self._journal.holds(file):
            _LOG.warning("%s is not uploaded: it lies outside of the run's own folder", file)
        elif not belongs_to(self._journal.folder.parent, self._header.run_id):
            _LOG.warning("%s is not uploaded: its folder belongs to another run now", file)
        else:
            self._upload_file(file, target, data.get("checkpoint"))

    def end(self, status: str) -> None:
        """End the run at once, ahead of what is left in the journal.

        Raises:
            TrackingError: the store cannot be reached.
        """
        if self._owns(self._sink.tags()):
            self._sink.end(status, now_ms())

    def close(self) -> None:
        """Close the connections to the store, and delete the copies for uploads if all are done."""
        self._sink.close()
        if not self.left:
            self._journal.versions.discard()

    def _upload_file(self, file: Path, target: str, checkpoint: dict[str, Any] | None) -> None:
        tags = self._sink.tags()
        if not self._owns(tags):
            _LOG.info("%s is not uploaded: the run has another owner now", target)
            return
        folder = str(Path(target).parent) if "/" in target else ""
        with snapshot(file, self._journal.versions.folder, Path(target).name) as copy:
            if checkpoint is None:
                self._sink.upload(copy, folder)
                return
            record = CheckpointRecord.of_file(copy, target, **checkpoint, generation=self._header.generation)
            stored = recorded_checkpoint(tags, target)
            # a file of an earlier start may be sent later than a newer one
            if stored is not None and stored.age > record.age:
                _LOG.info("%s is not uploaded: the run has a newer one", target)
                return
            self._sink.upload(copy, folder)
            # after the file, since the tag describes a file that exists
            self._sink.set_tags({record.tag: record.to_json()})

    def _owns(self, tags: Mapping[str, str]) -> bool:
        return not self._token or tags.get(layout.TAG_TOKEN) == self._token

    def _carry_entry(self, entry: Entry) -> None:
        data = entry.data
        if entry.kind == "upload":
            file = self._journal.located(data["file"])
            is_there = self._journal.versions.pin(file)
            if not is_there and "checkpoint" in data and not self._is_last_for(entry):
                return  # a newer version has replaced it, and has an entry of its own later in the journal
            with self._lock:
                replaced = self._progress.pending.pop(data["to"], None)
                self._progress.pending[data["to"]] = {**data, "at": entry.end}
            if replaced is not None:
                self._journal.versions.release(self._journal.located(replaced["file"]))
            return
        try:
            if entry.kind == "params":
                self._log_params(data["values"])
            elif entry.kind == "tags" and self._owns(self._sink.tags()):
                self._sink.set_tags(data["values"])
            elif entry.kind == "data_set":
                self._sink.log_data_set(**data)
            elif entry.kind == "end" and not self._is_adopted and self._owns(self._sink.tags()):
                self._sink.end(data["status"], data["time_ms"])
        except (TransientTrackingError, RunGoneError):
            raise
        except TrackingError as error:
            self._refuse(entry.kind, data, error)

    def _is_last_for(self, entry: Entry) -> bool:
        later = self._journal.entries(entry.end)
        return not any(other.kind == "upload" and other.data["to"] == entry.data["to"] for other in later)

    def _log_params(self, values: dict[str, str]) -> None:
        """Log the parameters that the run does not have: MLflow does not allow to change those of an earlier start."""
        existing = self._sink.params()
        self._sink.log_params({key: value for key, value in values.items() if key not in existing})

    def _log_points(self, points: list[Point]) -> None:
        if self._known is not None:
            points = self._known.new(points)
        for start in range(0, len(points), MAX_POINTS):
            batch = points[start : start + MAX_POINTS]
            try:
                self._sink.log_points(batch)
            except (TransientTrackingError, RunGoneError):
                raise
            except TrackingError as error:
                self._log_one_by_one(batch, error)
        if self._known is not None:
            self._known.add(points)

    def _log_one_by_one(self, batch: Sequence[Point], error: TrackingError) -> None:
        """Log each point alone, so that a refused one does not affect the others.

        If the first three are refused, the cause is not the points: then all are sent again later.
        """
        refused: list[tuple[Point, TrackingError]] = []
        for point in batch:
            try:
                self._sink.log_points([point])
            except (TransientTrackingError, RunGoneError):
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
