"""The owner file of a job's folder: made by one process alone, also where several hosts share the disk."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from serotiny.filesystem import read_plain_file
from serotiny.tracking.reservation.owner import Owner

OWNER_FILE = ".owner.json"
"""Every name that begins with it is the claim's own."""

_LARGEST_BYTES = 100_000

FINISHED = "FINISHED"
RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """Which run asks for a folder, before its id is known.

    Attributes:
        run_id: of a run that is addressed outright.
        is_known: whether a later call of the same name means the same run; without a name each call makes
            a run of its own.
        joins: whether it works with whichever run has the folder.
        checkpoint: a file that it needs.
    """

    operation: str
    run_name: str | None
    experiment: str
    identity: str
    run_id: str | None = None
    is_known: bool = True
    joins: bool = False
    checkpoint: Path | None = None

    def reads_from(self, folder: Path) -> bool:
        """Whether the folder holds what it needs, and so must stay as it is."""
        return self.checkpoint is not None and self.checkpoint.absolute().is_relative_to(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOwner:
    """Whose a folder is.

    Attributes:
        run_id: "" until the run is reserved: nothing of worth lies in the folder then.
        status: MLflow's word for how the job ended; RUNNING until then.
        token: of the process's claim; `process` tells whether that process lives.
    """

    run_name: str
    experiment: str
    operation: str
    identity: str
    host: str
    pid: int
    process: str
    since: str
    token: str
    run_id: str = ""
    status: str = RUNNING

    @classmethod
    def asking(cls, asking: Occupant) -> FolderOwner:
        """This process, for the run that asks."""
        process = Owner.this_process()
        return cls(
            run_name=asking.run_name or "",
            experiment=asking.experiment,
            operation=asking.operation,
            identity=asking.identity,
            host=process.host,
            pid=process.pid,
            process=process.process,
            since=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            token=process.token,
        )

    def is_same_run(self, asking: Occupant) -> bool:
        """Whether the run that asks is the one that it belongs to."""
        if asking.joins:
            return True
        if asking.run_id is not None:
            return asking.run_id == self.run_id
        named = (self.run_name, self.experiment) == (asking.run_name or "", asking.experiment)
        return asking.is_known and named

    def is_of_process(self, other: FolderOwner) -> bool:
        """Whether the same process has made both claims."""
        return (self.host, self.pid, self.process) == (other.host, other.pid, other.process)

    def described(self) -> str:
        """The run, for a message."""
        name = f"run `{self.run_name}`" if self.run_name else "a run without a name"
        return f"{name} ({self.run_id})" if self.run_id else name


def owner_of(folder: Path) -> FolderOwner | None:
    """Whose the folder is; None when it says nothing."""
    return _read(folder / OWNER_FILE)


def owner_before(folder: Path) -> FolderOwner | None:
    """Who had the folder before a claim that is not settled yet."""
    return _read(_before(folder))


def create_owner(folder: Path, owner: FolderOwner) -> bool:
    """Make the owner file, whole, unless there is one: of any number of callers one gets True."""
    whole = _beside(folder, owner)
    whole.write_text(_text(owner), "utf-8")
    try:
        (folder / OWNER_FILE).hardlink_to(whole)
    except FileExistsError:
        return False
    except OSError:  # a filesystem without hard links
        return _create_exclusively(folder / OWNER_FILE, owner)
    finally:
        whole.unlink(missing_ok=True)
    return True


def overwrite_owner(folder: Path, owner: FolderOwner) -> None:
    """Say in place whose a folder is, for which a disk that is full has room."""
    with (folder / OWNER_FILE).open("r+", encoding="utf-8") as stream:
        stream.write(_text(owner))
        stream.truncate()


def write_owner(folder: Path, owner: FolderOwner) -> None:
    """Write the owner file anew; only its owner does."""
    beside = _beside(folder, owner)
    beside.write_text(_text(owner), "utf-8")
    beside.replace(folder / OWNER_FILE)


def replace_owner(folder: Path, seen: FolderOwner, owner: FolderOwner) -> bool:
    """Put `owner` in the place of one that has gone; False when somebody else was faster.

    Until `settle`, the former one can be read with `owner_before`.
    """
    taken = folder / f"{OWNER_FILE}.taken.{owner.token}"
    try:
        (folder / OWNER_FILE).rename(taken)
    except FileNotFoundError:
        return False
    if _read(taken) != seen:  # a faster one's: back with it
        with contextlib.suppress(OSError):
            (folder / OWNER_FILE).hardlink_to(taken)
        taken.unlink(missing_ok=True)
        return False
    if seen.run_id:
        taken.replace(_before(folder))
    else:
        taken.unlink()
    return create_owner(folder, owner)


def restore_owner(folder: Path) -> bool:
    """Put back an owner whose file a killed process had taken away; whether there was one."""
    for left in (_before(folder), *folder.glob(f"{OWNER_FILE}.taken.*")):
        if _read(left) is not None:
            left.replace(folder / OWNER_FILE)
            return True
    return False


def remove_owner(folder: Path) -> None:
    """The folder is nobody's."""
    (folder / OWNER_FILE).unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """The claim is settled: forget who had the folder before."""
    _before(folder).unlink(missing_ok=True)


def discard_damaged(folder: Path) -> None:
    """Put aside an owner file that cannot be read."""
    with contextlib.suppress(FileNotFoundError):
        if _read(folder / OWNER_FILE) is None:
            (folder / OWNER_FILE).replace(folder / f"{OWNER_FILE}.damaged")


def _before(folder: Path) -> Path:
    return folder / f"{OWNER_FILE}.before"


def _beside(folder: Path, owner: FolderOwner) -> Path:
    return folder / f"{OWNER_FILE}.{owner.token}"


def _text(owner: FolderOwner) -> str:
    return json.dumps(asdict(owner), indent=2)


def _create_exclusively(file: Path, owner: FolderOwner) -> bool:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(_text(owner))
    except FileExistsError:
        return False
    return True


def _read(file: Path) -> FolderOwner | None:
    try:
        owner = FolderOwner(**json.loads(read_plain_file(file, _LARGEST_BYTES)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    # somebody else may have written it
    is_whole = type(owner.pid) is int and all(
        isinstance(value, str) for name, value in asdict(owner).items() if name != "pid"
    )
    return owner if is_whole else None
