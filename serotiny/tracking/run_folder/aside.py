"""Put the files of an earlier run into a folder beside that of a new one."""

from __future__ import annotations

import glob
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from serotiny.filesystem import is_folder
from serotiny.tracking.run_folder.owner_file import OWNER_FILE, FolderOwner, settle, write_owner

# Files that Hydra writes for a job before it starts.
_HYDRAS = (".hydra", "*.log")


def move_aside(path: Path, owner: FolderOwner | None, has_begun: bool) -> None:
    """Move the folder's files into a new folder beside it; the owner file stays.

    A folder that is a symbolic link is followed, since its files may be on another disk. Files that Hydra has written
    for a job that has begun are copied, since its log is open.
    """
    aside = next(folder for folder in numbered(path.resolve(), first=1) if _made(folder))
    if owner is not None:
        # first, so that both folders have an owner if the process is killed in between
        write_owner(aside, owner)
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


def with_put_aside(path: Path) -> Iterator[Path]:
    """The folder, and the folders beside it into which its earlier files were moved."""
    if is_folder(path):
        yield path
        path = path.resolve()
    if is_folder(path.parent):
        for folder in sorted(path.parent.glob(f"{glob.escape(path.name)}-*")):
            if folder.name.removeprefix(f"{path.name}-").isdigit() and is_folder(folder):
                yield folder


def _made(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def numbered(path: Path, first: int = 0) -> Iterator[Path]:
    """The paths `path-1`, `path-2` … from a number on; for 0 the path itself."""
    for number in itertools.count(first):
        yield path.with_name(f"{path.name}-{number}") if number else path
