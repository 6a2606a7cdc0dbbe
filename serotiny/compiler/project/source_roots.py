"""The root of a repository, and the folders from which its own modules are imported."""

from __future__ import annotations

import os
from pathlib import Path

from serotiny.filesystem import is_folder, is_there

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".project-root", ".git")
"""Files and folders that mark the root of a repository."""

_PARTS = ("pyproject.toml", "setup.py")
"""Files that mark a folder of a repository as a distribution of its own."""


def repository_of(folder: Path) -> Path | None:
    """The nearest of the folder and those above it that is the root of a repository."""
    return next(
        (above for above in (folder, *folder.parents) if any(is_there(above / name) for name in _MARKS)), None
    )


def source_roots(root: Path) -> tuple[Path, ...]:
    """The repository itself and its `src`, and both for each folder of it that is a distribution of its own."""
    parts = [path for path in _folders(root) if any(is_there(path / name) for name in _PARTS)]
    found = [base for part in (root, *parts) for base in (part, part / "src")]
    return tuple(base for base in found if base == root or is_folder(base))


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as entries:
            return sorted(
                root / entry.name for entry in entries if entry.name[0] != "." and _is_folder(entry)
            )
    except (OSError, ValueError):
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # the listing tells it of the others, and the state of a file in the root would change with each edit of it
    return is_folder(Path(entry.path)) if entry.is_symlink() else entry.is_dir()
