"""The journal: everything that a run records, on the local disk before it is sent to the store.

It is an append-only file of JSON lines in the run's folder, with a second file for how far it was sent. An entry takes
one `write(2)`, and the store may be away for any time. A killed process loses at most the line that it was writing.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from serotiny.filesystem import leads_out, open_plain_file, read_plain_file, replace_file
from serotiny.tracking.outbox.entry import LONGEST_LINE, Entry, line_of
from serotiny.tracking.outbox.errors import JournalError, UnreadableJournalError
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.progress import Progress
from serotiny.tracking.outbox.versions import Versions

FOLDER = "tracking"
OUTBOX = "outbox"

_LARGEST_BYTES = 10_000_000


class Journal:
    """The journal in `folder`, which is in the run's folder. Many threads may write, and one may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = self.folder / "journal.jsonl"
        self._progress_file = self.folder / "sent.json"
        self._header_file = self.folder / "run.json"
        self._descriptor: int | None = None
        self.versions = Versions(self.folder / OUTBOX)
        self._append_lock = threading.Lock()

    @property
    def exists(self) -> bool:
        """Whether the journal's file exists."""
        return self._header_file.exists() and self.file.exists()

    @classmethod
    def new(cls, run_dir: Path) -> Journal:
        """The journal for a run that starts in `run_dir`; the journal of an earlier run there is renamed."""
        folder = run_dir.absolute() / FOLDER
        if folder.exists():
            aside = (folder.with_name(f"{FOLDER}-{number}") for number in itertools.count(1))
            folder.rename(next(path for path in aside if not path.exists()))
        return cls(folder)

    @classmethod
    def all_in(cls, run_dir: Path) -> list[Journal]:
        """The journals in a run's folder, the oldest first."""
        journals = [cls(file.parent) for file in run_dir.glob(f"{FOLDER}*/run.json")]
        return sorted((j for j in journals if j.exists), key=lambda j: j.file.stat().st_mtime)

    def create(self, header: JournalHeader) -> None:
        """Create the journal with `header`, or continue an existing one.

        Raises:
            JournalError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            header.write(self._header_file)
            self._cut_torn_line()
            self._descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise JournalError.unwritable(self.file, error) from error

    def portable(self, file: Path) -> str:
        """The path of a file as written in an entry: relative if it is in the run's folder, which may be moved."""
        file = file.absolute()
        inside = file.is_relative_to(self.folder.parent)
        return str(file.relative_to(self.folder.parent) if inside else file)

    def located(self, text: str) -> Path:
        """The file of a path that `portable` returned, also if the journal's folder has been renamed since."""
        first, _, rest = text.partition("/")
        return self.folder / rest if first == FOLDER and rest else self.folder.parent / text

    def holds(self, file: Path) -> bool:
        """Whether a file is a regular file in the run's folder, with symbolic links resolved."""
        return file.is_file() and not leads_out(file, self.folder.parent)

    def append(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write one entry. When this returns it survives the death of the process, but is not flushed to the disk.

        Raises:
            JournalError: the disk is full or the folder does not exist any more.
        """
        if self._descriptor is None:
            raise JournalError(f"the journal {self.file} is closed")
        line = line_of(kind, data)
        try:
            with self._append_lock:
                written = os.write(self._descriptor, line)
                if written != len(line):  # the disk is full in the middle of the line
                    os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
        except OSError as error:
            raise JournalError.unwritable(self.file, error) from error
        if written != len(line):
            raise JournalError.unwritable(self.file, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def keep_text(self, text: str, artifact_path: str) -> Path:
        """Save a text until it is uploaded; returns its file.

        Raises:
            JournalError: the disk is full or the folder does not exist any more.
        """
        file = self.folder / "texts" / artifact_path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(file, text)
        except OSError as error:
            raise JournalError.unwritable(self.file, error) from error
        return file

    def kept_text(self, artifact_path: str) -> str | None:
        """A text that `keep_text` saved; the file stays after its upload."""
        file = self.folder / "texts" / artifact_path
        if not self.holds(file):
            return None
        try:
            return read_plain_file(file, _LARGEST_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def keep_version(self, file: Path, artifact_path: str) -> Path:
        """Link or copy the current version of a file into the journal's folder until it is uploaded; returns the link.

        Raises:
            JournalError: the disk is full or the folder does not exist any more.
        """
        try:
            # the journal's size grows with each entry, so that no name is used twice
            return self.versions.keep(file, artifact_path, self.size())
        except OSError as error:
            raise JournalError.unwritable(self.file, error) from error

    def close(self) -> None:
        """Flush to the disk, and close; nothing can be appended any more."""
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def header(self) -> JournalHeader:
        """The header, which tells the run.

        Raises:
            UnreadableJournalError: there is no journal, or it is damaged or of a later version.
        """
        return JournalHeader.read(self._header_file)

    def entries(self, offset: int) -> Iterator[Entry]:
        """The complete entries from `offset` on; a line that is still being written is not included."""
        try:
            with open_plain_file(self.file) as stream:
                stream.seek(offset)
                while line := stream.readline(LONGEST_LINE + 1):
                    if not line.endswith(b"\n") and len(line) <= LONGEST_LINE:
                        return
                    yield self._entry(line, offset)
                    offset += len(line)
        except OSError as error:
            raise UnreadableJournalError(
                f"the journal {self.file} cannot be read: {error.strerror or error}"
            ) from error

    def _entry(self, line: bytes, offset: int) -> Entry:
        try:
            return Entry.parse(line, offset)
        except ValueError as error:
            raise UnreadableJournalError(f"{self.file} is damaged at byte {offset}: {error}") from error

    def size(self) -> int:
        """The size of the journal in bytes."""
        return self.file.stat().st_size if self.file.exists() else 0

    def progress(self) -> Progress:
        """How far it was sent; nothing if that is not known."""
        return Progress.read(self._progress_file, self.size())

    def save_progress(self, progress: Progress) -> None:
        """Save how far it was sent.

        Raises:
            OSError: the disk is full.
        """
        progress.write(self._progress_file)

    def note_refused(self, kind: str, data: Mapping[str, Any], reason: str) -> None:
        """Save an entry that the store refuses for good, with the reason."""
        with (self.folder / "refused.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([kind, data, reason], ensure_ascii=False) + "\n")

    def _cut_torn_line(self) -> None:
        """Cut off an incomplete last line, which a killed process or a full disk has left."""
        if not self.file.exists():
            return
        size = self.size()
        with open_plain_file(self.file) as stream:
            start = max(0, size - LONGEST_LINE - 1)
            stream.seek(start)
            content = stream.read()
        if content and not content.endswith(b"\n"):
            os.truncate(self.file, start + content.rfind(b"\n") + 1)
