"""The owner file of a job's folder, which only one process can create, also among hosts that share a disk."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from serotiny.filesystem import read_plain_file
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.session import AskedRun

OWNER_FILE = ".owner.json"
"""All files whose names begin with it belong to the claim."""

_LARGEST_BYTES = 100_000

FINISHED = "FINISHED"
RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """The run that asks for a folder, before its id is known.

    Attributes:
        run_id: the id, if the run was given by its id.
        is_known: whether a later call with the same name means the same run; without a name each call makes
            a new run.
        joins: whether it uses the run that owns the folder, whichever it is.
        checkpoint: a checkpoint file that it reads.
    """

    operation: str
    run_name: str | None
    experiment: str
    identity: str
    run_id: str | None = None
    is_known: bool = True
    joins: bool = False
    checkpoint: Path | None = None

    @classmethod
    def of(cls, settings: MlflowConfig, asked: AskedRun) -> Occupant:
        """The run of a job with these settings."""
        is_local = settings.tracking_uri is None
        return cls(
            operation=asked.operation,
            run_name=asked.run_name,
            experiment="" if is_local else settings.experiment_name,
            identity=asked.identity,
            run_id=None if is_local else settings.run_id,
            is_known=asked.run_name is not None or is_local,
            joins=asked.operation != "train" and asked.run_name is None and is_local,
            checkpoint=asked.checkpoint_file,
        )

    def reads_from(self, folder: Path) -> bool:
        """Whether the folder contains the checkpoint that it reads, so that the files must not be moved."""
        return self.checkpoint is not None and self.checkpoint.resolve().is_relative_to(folder.resolve())


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOwner:
    """The owner of a folder.

    Attributes:
        run_id: "" until the run is reserved; the folder has no results until then.
        status: MLflow's status at the job's end; RUNNING until then.
        token: the token of the process's claim; `process` shows whether that process is alive.
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
        """This process as the owner, for the run that asks."""
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
        """Whether the run that asks is the owner."""
        if asking.joins:
            return True
        if asking.run_id is not None:
            return asking.run_id == self.run_id
        named = (self.run_name, self.experiment) == (asking.run_name or "", asking.experiment)
        return asking.is_known and named

    def is_of_process(self, other: FolderOwner) -> bool:
        """Whether both claims are of the same process."""
        return (self.host, self.pid, self.process) == (other.host, other.pid, other.process)

    def described(self) -> str:
        """The run as text for a message."""
        name = f"run `{self.run_name}`" if self.run_name else "a run without a name"
        return f"{name} ({self.run_id})" if self.run_id else name


def owner_of(folder: Path) -> FolderOwner | None:
    """The owner of the folder; None if it has no readable owner file."""
    return _read(folder / OWNER_FILE)


def owner_before(folder: Path) -> FolderOwner | None:
    """The owner before a claim that is not settled yet."""
    return _read(_before(folder))


def create_owner(folder: Path, owner: FolderOwner) -> bool:
    """Create the owner file atomically, unless it exists: of any number of callers exactly one gets True."""
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
    """Overwrite the owner file in place, which works also if the disk is full."""
    with (folder / OWNER_FILE).open("r+", encoding="utf-8") as stream:
        stream.write(_text(owner))
        stream.truncate()


def write_owner(folder: Path, owner: FolderOwner) -> None:
    """Replace the owner file; only its owner may do so."""
    beside = _beside(folder, owner)
    beside.write_text(_text(owner), "utf-8")
    beside.replace(folder / OWNER_FILE)


def replace_owner(folder: Path, seen: FolderOwner, owner: FolderOwner) -> bool:
    """Replace a former owner by `owner`; False if another process was faster.

    Until `settle` is called, `owner_before` returns the former owner.
    """
    taken = folder / f"{OWNER_FILE}.taken.{owner.token}"
    try:
        (folder / OWNER_FILE).rename(taken)
    except FileNotFoundError:
        return False
    if _read(taken) != seen:  # the file of a faster process: put it back
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
    """Put back an owner file that a killed process had moved away; returns whether there was one."""
    for left in (_before(folder), *folder.glob(f"{OWNER_FILE}.taken.*")):
        if _read(left) is not None:
            left.replace(folder / OWNER_FILE)
            return True
    return False


def remove_owner(folder: Path) -> None:
    """Remove the owner file, so that the folder is free."""
    (folder / OWNER_FILE).unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Settle a claim: delete the record of the former owner."""
    _before(folder).unlink(missing_ok=True)


def discard_damaged(folder: Path) -> None:
    """Move an owner file that cannot be read out of the way."""
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
    # checked, since another program may have written it
    is_whole = type(owner.pid) is int and all(
        isinstance(value, str) for name, value in asdict(owner).items() if name != "pid"
    )
    return owner if is_whole else None
