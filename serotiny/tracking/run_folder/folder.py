"""Claim a job's folder for one run, before anything is written there.

Before a checkpoint or a journal in a folder is read, the owner file is checked: the path alone does not identify the
run, since projects are moved, and a folder may be used by another run later.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from serotiny.diagnostics import Diagnostic
from serotiny.tracking.run_folder.aside import move_aside, numbered
from serotiny.tracking.run_folder.errors import RunFolderError
from serotiny.tracking.run_folder.judgement import (
    BEAT_S,
    earlier_owner,
    in_the_way,
    is_alive,
    refused_folder,
)
from serotiny.tracking.run_folder.owner_file import (
    FINISHED,
    OWNER_FILE,
    FolderOwner,
    Occupant,
    create_owner,
    discard_damaged,
    overwrite_owner,
    owner_of,
    remove_owner,
    replace_owner,
    restore_owner,
    settle,
    write_owner,
)
from serotiny.tracking.run_folder.ways_out import refuse_ways_out

DOWNLOAD_PREFIX = ".download-"
"""How the names of folders begin into which checkpoints are fetched."""

# Files of runs: a folder with one of them is not new, even if it has no owner file.
_LEFT_BY_RUNS = ("checkpoints", "tracking", "run.json", "metrics.jsonl")


class RunFolder:
    """A folder that this process has claimed for one run.

    Attributes:
        path: the absolute path.
        earlier: the earlier owner, if that was the same run.
    """

    def __init__(self, path: Path, owner: FolderOwner, earlier: FolderOwner | None = None) -> None:
        self.path = path
        self.earlier = earlier
        self._owner = owner
        self._stopped = threading.Event()
        self._beats: threading.Thread | None = None

    @classmethod
    def claim(cls, path: Path, asking: Occupant, has_begun: bool) -> RunFolder | Diagnostic:
        """Claim the folder at `path`, which is created if it does not exist.

        The files of a finished run there are moved to `NAME-1` beside it. A folder of the same run is used again,
        unless a live process works in it.

        Args:
            path: the folder.
            asking: the run that asks for it.
            has_begun: whether Hydra has already written this job's config and log there.

        Returns:
            The folder; or SER409 if it belongs to another run that has not finished, or to a live process.

        Raises:
            RunFolderError: it cannot be created or written, or a link in it leads elsewhere.
        """
        path = path.absolute()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _one_at_a_time(path.parent):
                path.mkdir(exist_ok=True)
                refuse_ways_out(path)
                return cls._claim(path, asking, has_begun)
        except OSError as error:
            raise RunFolderError.unwritable(path, error) from error

    @classmethod
    def claim_new(cls, path: Path, asking: Occupant) -> RunFolder:
        """Claim a new folder: `path`, or the first of `path-1`, `path-2` … that is free.

        Raises:
            RunFolderError: it cannot be created or written.
        """
        path = path.absolute()
        owner = FolderOwner.asking(asking)
        try:
            for candidate in numbered(path):
                candidate.mkdir(parents=True, exist_ok=True)
                if not any(candidate.iterdir()) and create_owner(candidate, owner):
                    return cls(candidate, owner)
        except OSError as error:
            raise RunFolderError.unwritable(path, error) from error
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
                    move_aside(path, None, has_begun)
                if create_owner(path, owner):
                    return cls(path, owner)
                continue
            earlier = earlier_owner(path, holder)
            if not holder.run_id and holder.is_of_process(owner):
                return cls(path, holder, earlier)  # this process has claimed it for this job already
            if fault := refused_folder(path, holder, asking, _age_s):
                return fault
            if earlier is not None and not earlier.is_same_run(asking):
                move_aside(path, earlier, has_begun)
                remove_owner(path)
            elif replace_owner(path, holder, owner):
                return cls(path, owner, earlier)

    def make_room_for(self, run_id: str | None) -> Diagnostic | None:
        """Move files of other runs out of the folder; `run_id` is None for a run that is not created yet.

        Returns:
            SER409 if they are of another run of the same name that has not finished.

        Raises:
            RunFolderError: they cannot be moved.
        """
        if self.earlier is None or self.earlier.run_id == run_id:
            return None
        if fault := in_the_way(self.path, self.earlier, run_id):
            return fault
        try:
            move_aside(self.path, self.earlier, has_begun=True)
        except OSError as error:
            raise RunFolderError.unwritable(self.path, error) from error
        self.earlier = None
        return None

    def hold(self, run_id: str, run_name: str) -> None:
        """Write the run into the owner file, and give signs of life from now on.

        Raises:
            RunFolderError: the folder cannot be written.
        """
        try:
            self._write(replace(self._owner, run_id=run_id, run_name=run_name))
            settle(self.path)
            # left by a killed process, since no other process writes here
            for leftover in (*self.path.glob("checkpoints/.*.partial"), *self.path.glob(".*.partial")):
                leftover.unlink(missing_ok=True)
            for leftover in self.path.glob(f"checkpoints/{DOWNLOAD_PREFIX}*"):
                shutil.rmtree(leftover)
        except OSError as error:
            raise RunFolderError.unwritable(self.path, error) from error
        self._beats = threading.Thread(target=self._beat, name="serotiny-folder", daemon=True)
        self._beats.start()

    def end(self, status: str) -> None:
        """Note that the job has ended; its files stay."""
        self._stop_beats()
        ended = replace(self._owner, status=status)
        try:
            self._write(ended)
        except OSError:
            with contextlib.suppress(OSError):  # if this fails, the end is known once the process has ended
                overwrite_owner(self.path, ended)

    def give_back(self) -> None:
        """Restore the earlier owner, for a job that does not start or has only read."""
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
        """Restore the earlier owner unless a run has begun in the folder since it was claimed."""
        if not self._owner.run_id:
            self.give_back()

    def _write(self, owner: FolderOwner) -> None:
        write_owner(self.path, owner)
        self._owner = owner

    def _beat(self) -> None:
        while not self._stopped.wait(BEAT_S):
            with contextlib.suppress(OSError):
                os.utime(self.path / OWNER_FILE)

    def _stop_beats(self) -> None:
        self._stopped.set()
        if self._beats is not None:
            self._beats.join(timeout=2.0)


def belongs_to(folder: Path, run_id: str) -> bool:
    """Whether the folder is the run's, or has no owner file, which earlier versions did not write."""
    owner = owner_of(folder)
    return owner is None or owner.run_id == run_id


def note_finished(folder: Path, run_id: str) -> None:
    """Note that the folder's run has finished in another folder, so that this one is not needed for resuming."""
    owner = owner_of(folder)
    if owner is not None and owner.run_id == run_id and owner.status != FINISHED:
        with contextlib.suppress(OSError):
            if not is_alive(folder, owner, _age_s):
                write_owner(folder, replace(owner, status=FINISHED))


def _age_s(file: Path) -> float:
    """How long ago the file was written, by the clock of the file server, by which signs of life are dated too."""
    now = file.with_name(f"{file.name}.now.{os.getpid()}")
    try:
        now.touch()
        return now.stat().st_mtime - file.stat().st_mtime
    finally:
        now.unlink(missing_ok=True)


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """A lock between the processes of this machine that claim a folder, where the filesystem has locks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
