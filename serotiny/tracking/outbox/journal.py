"""The journal: everything that a run records, on the local disk before it is sent to the store.

It is an append-only file of JSON lines in the run's folder, with a second file for how far it was sent. An entry takes
one `write(2)`, and the store may be away for any time. A killed process loses at most the line that it was writing.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from serotiny.diagnostics import JobError
from serotiny.filesystem import leads_out, open_plain_file, read_plain_file, replace_file
from serotiny.tracking import layout
from serotiny.tracking.contents import is_whole_number

JOURNAL_FORMAT = 1
FOLDER = "tracking"
OUTBOX = "outbox"

_KEPT_VERSIONS = 2
_LARGEST_BYTES = 10_000_000
_LONGEST_LINE = 10_000_000
_ID = re.compile(r"[\w\-]{1,64}")


class JournalError(JobError):
    """The journal cannot be written or read."""


class UnreadableJournalError(JournalError):
    """There is no journal to read, or it is damaged. Unlike its base class it is not a failure of a job."""

    exit_status = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHeader:
    """The run that a journal belongs to. Addresses are stored without credentials."""

    tracking_uri: str
    experiment_id: str
    run_id: str
    run_name: str
    generation: int = 1
    token: str = ""
    adopted: tuple[str, ...] = ()
    format: int = JOURNAL_FORMAT


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `kind` is metrics, params, tags, data_set, upload or end; `end` is the file offset after the line."""

    kind: str
    data: dict[str, Any]
    end: int


@dataclass
class Progress:
    """How far a journal was sent: everything before `offset`, except the uploads in `pending`.

    Attributes:
        pending: upload entries by artifact path; a newer entry for the same path replaces an older one.
    """

    offset: int = 0
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0


class Journal:
    """The journal in `folder`, which is in the run's folder. Many threads may write, and one may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = self.folder / "journal.jsonl"
        self._progress_file = self.folder / "sent.json"
        self._header_file = self.folder / "run.json"
        self._descriptor: int | None = None
        self._versions: dict[str, list[Path]] = defaultdict(list)
        self._pinned: Counter[Path] = Counter()
        self._versions_lock = threading.Lock()
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
            replace_file(self._header_file, json.dumps(asdict(header), indent=2))
            self._cut_torn_line()
            self._descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._unwritable(error) from error

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
        # `replace`, so that a lone surrogate in a name does not make the whole entry fail
        line = (
            json.dumps([kind, data], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            + b"\n"
        )
        try:
            with self._append_lock:
                written = os.write(self._descriptor, line)
                if written != len(line):  # the disk is full in the middle of the line
                    os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
        except OSError as error:
            raise self._unwritable(error) from error
        if written != len(line):
            raise self._unwritable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

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
            raise self._unwritable(error) from error
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

        The file may be replaced afterwards, but not written to in place. Of several versions for one artifact path
        only the newest ones are kept, and the one whose upload is next.

        Raises:
            JournalError: the disk is full or the folder does not exist any more.
        """
        folder = self.folder / OUTBOX
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # named by the journal's size, which grows with each entry, so that no name is used twice
            names = (f"{self.size() + number}-{Path(artifact_path).name}" for number in itertools.count())
            version = next(folder / name for name in names if _linked(file, folder / name))
        except OSError as error:
            raise self._unwritable(error) from error
        with self._versions_lock:
            kept = self._versions[artifact_path]
            kept.append(version)
            for old in kept[:-_KEPT_VERSIONS]:
                if old not in self._pinned:
                    old.unlink(missing_ok=True)
                    kept.remove(old)
        return version

    def pin(self, version: Path) -> bool:
        """Keep a version until it is released as often as it was pinned; False if a newer one has replaced it already."""
        with self._versions_lock:
            self._pinned[version] += 1
            return version.exists()

    def release(self, version: Path) -> None:
        """Delete a version that is uploaded or not needed any more; files that `keep_version` did not make are left."""
        with self._versions_lock:
            self._pinned[version] -= 1
            if self._pinned[version] <= 0:
                del self._pinned[version]
                if version.parent == self.folder / OUTBOX:
                    with contextlib.suppress(OSError):  # a folder that is read-only by now
                        version.unlink()

    def discard_versions(self) -> None:
        """Delete all versions, when all uploads are done."""
        shutil.rmtree(self.folder / OUTBOX, ignore_errors=True)

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
        try:
            document = json.loads(read_plain_file(self._header_file, _LARGEST_BYTES).decode("utf-8"))
            header = JournalHeader(**{**document, "adopted": tuple(document["adopted"])})
            _refuse_odd(header)
        except FileNotFoundError:
            raise UnreadableJournalError(f"there is no journal in {self.folder.parent}") from None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise UnreadableJournalError(
                f"the journal {self._header_file} cannot be read: {reason}"
            ) from error
        if header.format != JOURNAL_FORMAT:
            raise UnreadableJournalError(
                f"the journal {self._header_file} is of format {header.format}, not {JOURNAL_FORMAT}"
            )
        return header

    def entries(self, offset: int) -> Iterator[Entry]:
        """The complete entries from `offset` on; a line that is still being written is not included."""
        try:
            with open_plain_file(self.file) as stream:
                stream.seek(offset)
                while line := stream.readline(_LONGEST_LINE + 1):
                    if not line.endswith(b"\n") and len(line) <= _LONGEST_LINE:
                        return
                    yield self._entry(line, offset)
                    offset += len(line)
        except OSError as error:
            raise UnreadableJournalError(
                f"the journal {self.file} cannot be read: {error.strerror or error}"
            ) from error

    def _entry(self, line: bytes, offset: int) -> Entry:
        """Parse one line.

        Raises:
            UnreadableJournalError: it is not an entry.
        """
        try:
            kind, data = from_json(line)
            if not _is_entry(kind, data):
                raise ValueError("it is no entry")  # noqa: TRY301
        except (ValueError, TypeError) as error:
            what = "it is too long" if len(line) > _LONGEST_LINE else f"{error}".splitlines()[0]
            raise UnreadableJournalError(f"{self.file} is damaged at byte {offset}: {what}") from error
        return Entry(kind, data, offset + len(line))

    def size(self) -> int:
        """The size of the journal in bytes."""
        return self.file.stat().st_size if self.file.exists() else 0

    def progress(self) -> Progress:
        """How far it was sent; nothing if that is not known, since sending twice is harmless."""
        try:
            progress = Progress(**json.loads(read_plain_file(self._progress_file, _LARGEST_BYTES)))
            pending = progress.pending.items()
            is_whole = is_whole_number(progress.refused) and is_whole_number(progress.offset)
            is_whole &= 0 <= progress.offset <= self.size()
            is_whole &= all(data["to"] == target and _is_entry("upload", data) for target, data in pending)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Progress()
        return progress if is_whole else Progress()

    def save_progress(self, progress: Progress) -> None:
        """Save how far it was sent.

        Raises:
            OSError: the disk is full.
        """
        replace_file(self._progress_file, json.dumps(asdict(progress)))

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
            start = max(0, size - _LONGEST_LINE - 1)
            stream.seek(start)
            content = stream.read()
        if content and not content.endswith(b"\n"):
            os.truncate(self.file, start + content.rfind(b"\n") + 1)

    def _unwritable(self, error: OSError) -> JournalError:
        return JournalError(
            f"the journal {self.file} cannot be written: {error.strerror}; free some space or choose another "
            "folder with `hydra.run.dir=…`"
        )


def _linked(file: Path, link: Path) -> bool:
    """Make a hard link to the file, or a copy if links do not work; False if the name exists already."""
    try:
        link.hardlink_to(file)
    except FileExistsError:
        return False
    except OSError as error:
        if not file.exists():
            raise
        if link.exists():
            return False
        try:
            shutil.copy2(file, link)
        except OSError:
            link.unlink(missing_ok=True)
            raise error from None
    return True


def _refuse_odd(header: JournalHeader) -> None:
    """Check the types of a header, which another program may have written.

    Raises:
        ValueError: a field is missing or of a wrong type.
    """
    texts = (header.tracking_uri, header.experiment_id, header.run_id, header.run_name, header.token)
    if not all(isinstance(text, str) for text in (*texts, *header.adopted)):
        raise ValueError("its names must be texts")
    if not isinstance(header.generation, int) or not isinstance(header.format, int):
        raise TypeError("its numbers must be numbers")
    if not _ID.fullmatch(header.run_id) or not _ID.fullmatch(header.experiment_id):
        raise ValueError("its ids are none")


def _is_entry(kind: object, data: object) -> bool:
    """Whether a line has the kind and the data of an entry."""
    if not isinstance(data, dict):
        return False
    match kind:
        case "metrics":
            values = data.get("values")
            return (
                isinstance(values, dict)
                and _are_numbers(values.values())
                and all(is_whole_number(data.get(name)) for name in ("step", "time_ms"))
            )
        case "params" | "tags":
            values = data.get("values")
            return isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        case "data_set":
            return data.keys() == {"name", "digest", "source"} and all(
                isinstance(value, str) for value in data.values()
            )
        case "upload":
            return (
                layout.is_artifact_path(data.get("to"))
                and isinstance(data.get("file"), str)
                and isinstance(data.get("of", ""), str)
                and _is_about_checkpoint(data.get("checkpoint", {}))
            )
        case "end":
            return isinstance(data.get("status"), str) and is_whole_number(data.get("time_ms"))
    return False


def _are_numbers(values: Collection[object]) -> bool:
    # the types first, since there may be hundreds of values, and nearly all entries have floats alone
    return set(map(type, values)) <= {float} or all(
        isinstance(value, float) or is_whole_number(value) for value in values
    )


def _is_about_checkpoint(about: object) -> bool:
    """Whether this is what an entry says of a checkpoint; each of its values may be missing or null."""
    if not isinstance(about, dict) or not about.keys() <= {"epoch", "step", "monitor", "score"}:
        return False
    told = {name: value for name, value in about.items() if value is not None}
    return (
        all(is_whole_number(told.get(name, 0)) for name in ("epoch", "step"))
        and isinstance(told.get("monitor", ""), str)
        and isinstance(told.get("score", 0.0), float | int)
    )
