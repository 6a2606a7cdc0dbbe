"""The root of a repository, and the folders from which its own modules are imported."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from serotiny.filesystem import is_file, is_folder, is_there

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".project-root", ".git")
"""Files and folders that mark the root of a repository."""

_PARTS = ("pyproject.toml", "setup.py")
"""Files that mark a folder of a repository as a distribution of its own."""


def repository_of(folder: Path, marks: Sequence[str] = _MARKS) -> Path | None:
    """The nearest of the folder and those above it that is the root of a repository, as one of some files in it says."""
    return next(
        (above for above in (folder, *folder.parents) if any(is_there(above / name) for name in marks)), None
    )


def source_roots(root: Path) -> tuple[Path, ...]:
    """The repository itself and its `src`, and both for each folder of it that is a distribution of its own."""
    parts = [path for path in _folders(root) if any(is_there(path / name) for name in _PARTS)]
    found = [base for part in (root, *parts) for base in (part, part / "src")]
    return tuple(base for base in found if base == root or is_folder(base))


def roots_of_distribution(file: Path, root: Path) -> tuple[Path, ...]:
    """The folders from which the distribution is imported that a module of a repository is in, below its root."""
    above = (folder for folder in file.parents if folder != root and folder.is_relative_to(root))
    for folder in above:
        if any(is_there(folder / name) for name in _PARTS):
            return tuple(base for base in (folder / "src", folder) if base == folder or is_folder(base))
    return ()


def folder_of_own_package(file: Path, nodes: Iterable[ast.AST], root: Path) -> Path | None:
    """The folder around the innermost folder below `root` that contains a module, and from which it imports others.

    That folder has the modules, so it is no installed package of the same name.
    """
    folders = [folder for folder in file.parents if folder != root and folder.is_relative_to(root)]
    if not folders:
        return None
    imported = {tuple(name.split(".")[:2]) for node in nodes for name in _imported_by(node)}
    return next((folder.parent for folder in folders if any(_has(folder, parts) for parts in imported)), None)


def _imported_by(node: ast.AST) -> Iterator[str]:
    """The full names that a statement imports."""
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield from (f"{module}.{alias.name}" for alias in names)
        case _:
            pass


def _has(package: Path, parts: Sequence[str]) -> bool:
    """Whether a folder is the package that a name begins with, and has the module that it goes on with."""
    if len(parts) == 1 or parts[0] != package.name:
        return False
    return is_file(package / f"{parts[1]}.py") or is_folder(package / parts[1])


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
