"""Whether a run may have a folder that a start has left, or still uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from serotiny.diagnostics import NOWHERE, Diagnostic
from serotiny.tracking.reservation.owner import is_alive_here, is_gone
from serotiny.tracking.run_folder.owner_file import (
    FINISHED,
    OWNER_FILE,
    RUNNING,
    FolderOwner,
    Occupant,
    owner_before,
    owner_of,
)

BEAT_S = 15.0
"""How often the owner of a folder gives a sign of life."""
_STALE_AFTER_BEATS = 4
_RUN_DIR = "hydra.run.dir"


def earlier_owner(path: Path, holder: FolderOwner) -> FolderOwner | None:
    """The run whose files are in a folder, of which `holder` has the owner file."""
    return holder if holder.run_id else owner_before(path)


def refused_folder(
    path: Path, holder: FolderOwner, asking: Occupant, age_s: Callable[[Path], float]
) -> Diagnostic | None:
    """SER409 if the folder belongs to another run that has not finished, or to a live process.

    Args:
        path: the folder.
        holder: whose owner file it has.
        asking: the run that asks for it.
        age_s: how long ago a file was written; only asked where nothing else tells.
    """
    if is_alive(path, holder, age_s):
        return taken(path, holder, is_alive=True)
    earlier = earlier_owner(path, holder)
    if earlier is None or earlier.is_same_run(asking):
        return None
    if earlier.status != FINISHED:
        return taken(path, earlier, is_alive=False)
    return _read_from(path, earlier) if asking.reads_from(path) else None


def foreseen(path: Path, asking: Occupant) -> FolderOwner | Diagnostic | None:
    """What a claim of the folder would find now, with nothing written.

    Returns:
        The same run, whose files are there; SER409; None where no file of a run would be in the way.
    """
    holder = owner_of(path)
    if holder is None:
        return None
    if fault := refused_folder(path, holder, asking, _age_by_this_clock_s):
        return fault
    earlier = earlier_owner(path, holder)
    return earlier if earlier is not None and earlier.is_same_run(asking) else None


def in_the_way(path: Path, earlier: FolderOwner | None, run_id: str | None) -> Diagnostic | None:
    """SER409 if a folder has the files of another run of the same name that has not finished.

    Args:
        path: the folder.
        earlier: the run whose files are there.
        run_id: the run that is to have it; None for one that is not created yet.
    """
    if earlier is None or earlier.run_id == run_id or earlier.status == FINISHED:
        return None
    return taken(path, earlier, is_alive=False)


def is_alive(path: Path, owner: FolderOwner, age_s: Callable[[Path], float]) -> bool:
    """Whether the process that claimed it is alive; a process of another host is judged by its signs of life."""
    if owner.status != RUNNING or is_gone(owner.process):
        return False
    return is_alive_here(owner.process) or age_s(path / OWNER_FILE) < _STALE_AFTER_BEATS * BEAT_S


def _age_by_this_clock_s(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def _read_from(path: Path, owner: FolderOwner) -> Diagnostic:
    """SER409: the files of a finished run would be moved, and the job needs one of them."""
    return Diagnostic(
        "SER409",
        f"the folder {path} belongs to {owner.described()}, and `ckpt_path` is one of its files",
        NOWHERE,
        key=_RUN_DIR,
        help="choose another folder with `hydra.run.dir=…`",
    )


def taken(path: Path, owner: FolderOwner, is_alive: bool) -> Diagnostic:
    """SER409: the folder belongs to another run that has not finished, or is in use."""
    choose = "choose another folder with `hydra.run.dir=…`, or"
    if is_alive:
        told, help_ = "is in use by", f"{choose} wait for it to end"
    else:
        told = "belongs to"
        help_ = (
            f"{choose} finish that run first (the call that started it goes on with it), or give it up: "
            "move its folder away"
        )
    ending = "" if is_alive else ", which has not finished"
    since = f"{owner.operation} on {owner.host}, process {owner.pid}, since {owner.since} ({owner.status})"
    return Diagnostic(
        "SER409",
        f"the folder {path} {told} {owner.described()}{ending}",
        NOWHERE,
        key=_RUN_DIR,
        help=help_,
        notes=(since,),
    )
