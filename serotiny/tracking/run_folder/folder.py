"""A job's folder belongs to one run: claimed when it is made, before anything is written there.

Whoever reads what lies in a folder (a checkpoint, a journal) asks the owner file whose it is: a path alone says
nothing, since projects move and the same folder may be given to another run.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import itertools
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from serotiny.diagnostics import NOWHERE, Diagnostic, SerotinyError
from serotiny.filesystem import is_folder
from serotiny.tracking.reservation.owner import is_alive_here, is_gone
from serotiny.tracking.run_folder.owner_file import (
    FINISHED,
    OWNER_FILE,
    RUNNING,
    FolderOwner,
    Occupant,
    create_owner,
    discard_damaged,
    overwrite_owner,
    owner_before,
    owner_of,
    remove_owner,
    replace_owner,
    restore_owner,
    settle,
    write_owner,
)

_BEAT_S = 15.0
_STALE_AFTER_BEATS = 4
# What runs leave in a folder: with it a folder is not a fresh one, though it says nothing of an owner.
_LEFT_BY_RUNS = ("checkpoints", "tracking", "run.json", "metrics.jsonl")
# What Hydra writes for a job before it starts.
_HYDRAS = (".hydra", "*.log")


class RunFolderError(SerotinyError):
    """The folder cannot be made or written."""


class RunFolder:
    """A folder that this process has claimed for one run.

    Attributes:
        path: absolute.
        earlier: who had it before, when that was the same run.
    """

    def __init__(self, path: Path, owner: FolderOwner, earlier: FolderOwner | None = None) -> None:
        self.path = path
        self.earlier = earlier
        self._owner = owner
        self._stopped = threading.Event()
        self._beats: threading.Thread | None = None

    @classmethod
    def claim(cls, path: Path, asking: Occupant, has_begun: bool) -> RunFolder | Diagnostic:
        """The folder at `path`, made when it is not there.

        What a finished run has left there is put aside, as `NAME-1` beside it. A folder of the same run is gone
        on with, unless a process that lives works in it.

        Args:
            path: the folder.
            asking: the run that wants it.
            has_begun: whether Hydra has already written this job's config and log there.

        Returns:
            The folder; or SER409 when it belongs to another run that has not finished, or to a live process.

        Raises:
            RunFolderError: it cannot be made or written.
        """
        path = path.absolute()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _one_at_a_time(path.parent):
                path.mkdir(exist_ok=True)
                return cls._claim(path, asking, has_begun)
        except OSError as error:
            raise _unwritable(path, error) from error

    @classmethod
    def claim_new(cls, path: Path, asking: Occupant) -> RunFolder:
        """A new folder: `path`, or the first of `path-1`, `path-2` … that nobody has.

        Raises:
            RunFolderError: it cannot be made or written.
        """
        path = path.absolute()
        owner = FolderOwner.asking(asking)
        try:
            for candidate in _numbered(path):
                candidate.mkdir(parents=True, exist_ok=True)
                if not any(candidate.iterdir()) and create_owner(candidate, owner):
                    return cls(candidate, owner)
        except OSError as error:
            raise _unwritable(path, error) from error
        raise AssertionError("unreachable: the numbers do not end")

    @classmethod
    def _claim(cls, path: Path, asking: Occupant, has_begun: bool) -> RunFolder | Diagnostic:
        owner = FolderOwner.asking(asking)
        while True:
            holder = owner_of(path)
            if holder is None:
                discard_damaged(path)
                if restore_owner(path):
                    continue
                if any((path / name).exists() for name in _LEFT_BY_RUNS):
                    _move_aside(path, None, has_begun)
                if create_owner(path, owner):
                    return cls(path, owner)
                continue
            earlier = holder if holder.run_id else owner_before(path)
            if not holder.run_id and holder.is_of_process(owner):
                return cls(path, holder, earlier)  # claimed for this very job
            if _is_alive(path, holder):
                return _taken(path, holder, is_alive=True)
            if earlier is not None and not earlier.is_same_run(asking):
                if earlier.status != FINISHED or asking.reads_from(path):
                    return _taken(path, earlier, is_alive=False)
                _move_aside(path, earlier, has_begun)
                remove_owner(path)
            elif replace_owner(path, holder, owner):
                return cls(path, owner, earlier)

    def make_room_for(self, run_id: str | None) -> Diagnostic | None:
        """See that what lies in the folder is of the run with this id; None: of one that is yet to be made.

        Returns:
            SER409 when it is another run's, of the same name, that has not finished.

        Raises:
            RunFolderError: it cannot be put aside.
        """
        if self.earlier is None or self.earlier.run_id == run_id:
            return None
        if self.earlier.status != FINISHED:
            return _taken(self.path, self.earlier, is_alive=False)
        try:
            _move_aside(self.path, self.earlier, has_begun=True)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self.earlier = None
        return None

    def hold(self, run_id: str, run_name: str) -> None:
        """Note which run it is, and show signs of life from now on.

        Raises:
            RunFolderError: the folder cannot be written.
        """
        try:
            self._write(replace(self._owner, run_id=run_id, run_name=run_name))
            settle(self.path)
            for leftover in (*self.path.glob("checkpoints/.*.partial"), *self.path.glob(".*.partial")):
                leftover.unlink(missing_ok=True)  # of a process that was killed: nobody else writes here
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self._beats = threading.Thread(target=self._beat, name="serotiny-folder", daemon=True)
        self._beats.start()

    def end(self, status: str) -> None:
        """The job has ended; its files stay."""
        self._stop_beats()
        ended = replace(self._owner, status=status)
        try:
            self._write(ended)
        except OSError:
            with contextlib.suppress(OSError):  # then that the process is gone will say it
                overwrite_owner(self.path, ended)

    def give_back(self) -> None:
        """The job does not start, or only looked on: the folder is whose it was before."""
        self._stop_beats()
        with contextlib.suppress(OSError):
            if owner_of(self.path) != self._owner:
                return
            if self.earlier is not None:
                write_owner(self.path, self.earlier)
            else:
                remove_owner(self.path)
            settle(self.path)

    def give_back_unused(self) -> None:
        """Give it back unless a run has begun there since it was claimed."""
        if not self._owner.run_id:
            self.give_back()

    def _write(self, owner: FolderOwner) -> None:
        write_owner(self.path, owner)
        self._owner = owner

    def _beat(self) -> None:
        while not self._stopped.wait(_BEAT_S):
            with contextlib.suppress(OSError):
                os.utime(self.path / OWNER_FILE)

    def _stop_beats(self) -> None:
        self._stopped.set()
        if self._beats is not None:
            self._beats.join(timeout=2.0)


def belongs_to(folder: Path, run_id: str) -> bool:
    """Whether the folder is the run's, or says nothing: earlier versions wrote no owner file."""
    owner = owner_of(folder)
    return owner is None or owner.run_id == run_id


def note_finished(folder: Path, run_id: str) -> None:
    """The run to which the folder belongs has finished in another one: nobody comes back to this one for it."""
    owner = owner_of(folder)
    if owner is not None and owner.run_id == run_id and owner.status != FINISHED:
        with contextlib.suppress(OSError):
            if not _is_alive(folder, owner):
                write_owner(folder, replace(owner, status=FINISHED))


def with_put_aside(path: Path) -> Iterator[Path]:
    """The folder, and those beside it into which what was in it has been put aside."""
    if is_folder(path):
        yield path
    if is_folder(path.parent):
        for folder in sorted(path.parent.glob(f"{glob.escape(path.name)}-*")):
            if folder.name.removeprefix(f"{path.name}-").isdigit() and is_folder(folder):
                yield folder


def _is_alive(path: Path, owner: FolderOwner) -> bool:
    """Whether the process that claimed it lives; of another host's its beats tell."""
    if owner.status != RUNNING or is_gone(owner.process):
        return False
    if is_alive_here(owner.process):
        return True
    now = path / f"{OWNER_FILE}.now.{os.getpid()}"
    try:
        now.touch()  # the disk's clock, which is that of the beats
        age_s = now.stat().st_mtime - (path / OWNER_FILE).stat().st_mtime
    finally:
        now.unlink(missing_ok=True)
    return age_s < _STALE_AFTER_BEATS * _BEAT_S


def _move_aside(path: Path, owner: FolderOwner | None, has_begun: bool) -> None:
    """Put what lies in the folder into a new one beside it; the owner file stays.

    What Hydra has just written for a job that has begun is copied: its log is open.
    """
    aside = next(folder for folder in _numbered(path, first=1) if _made(folder))
    if owner is not None:
        write_owner(aside, owner)  # first: killed in the middle, both parts say whose they are
    hydras = {entry for pattern in _HYDRAS for entry in path.glob(pattern)} if has_begun else set()
    for entry in sorted(path.iterdir()):
        if entry.name.startswith(OWNER_FILE):
            continue
        if entry not in hydras:
            entry.rename(aside / entry.name)
        elif entry.is_dir():
            shutil.copytree(entry, aside / entry.name)
        else:
            shutil.copy2(entry, aside / entry.name)
    settle(path)


def _made(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _numbered(path: Path, first: int = 0) -> Iterator[Path]:
    for number in itertools.count(first):
        yield path.with_name(f"{path.name}-{number}") if number else path


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let the processes of this machine settle who has a folder one after the other, where locks work."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _taken(path: Path, owner: FolderOwner, is_alive: bool) -> Diagnostic:
    """SER409: it is another run's."""
    state = "is in use by" if is_alive else "belongs to"
    ending = "" if is_alive or owner.status == FINISHED else ", which has not finished"
    first = (
        "wait for it to end"
        if is_alive
        else "finish that run first (the call that started it goes on with it)"
    )
    return Diagnostic(
        "SER409",
        f"the folder {path} {state} {owner.described()}{ending}",
        NOWHERE,
        key="hydra.run.dir",
        help=f"choose another folder with `hydra.run.dir=…`, or {first}"
        + ("" if is_alive else ", or give it up: move its folder away"),
        notes=(
            f"{owner.operation} on {owner.host}, process {owner.pid}, since {owner.since} ({owner.status})",
        ),
    )


def _unwritable(path: Path, error: OSError) -> RunFolderError:
    return RunFolderError(
        f"the run folder {path} cannot be made or written: {error.strerror or error}; free some space or choose "
        "another with `hydra.run.dir=…`"
    )
