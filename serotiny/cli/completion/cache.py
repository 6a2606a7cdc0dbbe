"""Stored indexes for completion: JSON files, each with what it was made from."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_KEPT = 64
"""How many indexes are kept; the oldest go first."""


def command_index() -> dict[str, Any]:
    """The commands with their flags, as a tree of plain data."""
    own = sorted(_states(Path(__file__).parent))
    key = f"commands {sys.version} {own}"
    stored = _load(key)
    if stored is None:
        from serotiny.cli.completion.index import index_commands

        stored = {"evidence": [], "index": index_commands()}
        _store(key, stored)
    index: dict[str, Any] = stored["index"]
    return index


def config_index(
    start: Path, config_dir: Path | None, operation: str, overrides: Sequence[str]
) -> dict[str, Any] | None:
    """Groups and keys of an operation's config; None where there is no project.

    Only overrides that choose an option, add or delete change which keys there are.
    """
    from serotiny.compiler.project import ProjectError, find_project

    try:
        project = find_project(start, config_dir)
    except ProjectError:
        return None
    structural = [text for text in overrides if _is_structural(text, project.config_folders)]
    files = [state for folder in project.config_folders for state in sorted(_states(folder))]
    key = (
        f"config {project.root} {project.config_folders} {operation} {structural} {_state(_package_folder())}"
    )
    stored = _load(key)
    evidence = [files, _state(project.root / "pyproject.toml")]
    if stored is None or stored["evidence"] != evidence or not _current(stored["sources"]):
        from serotiny.cli.completion.index import index_config

        index, sources = index_config(project, operation, structural)
        stored = {
            "evidence": evidence,
            "sources": [[path, _state(Path(path))] for path in sources],
            "index": index,
        }
        _store(key, stored)
    found: dict[str, Any] = stored["index"]
    return found


def _is_structural(text: str, folders: Sequence[Path]) -> bool:
    key = text.lstrip("+~").partition("=")[0]
    return text.startswith(("+", "~")) or any((folder / key).is_dir() for folder in folders)


def _package_folder() -> Path:
    return Path(__file__).parent.parent / "compiler"


def _current(sources: Sequence[Sequence[Any]]) -> bool:
    return all(_state(Path(path)) == state for path, state in sources)


def _state(path: Path) -> list[Any] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _states(folder: Path) -> Iterator[list[Any]]:
    """Path, size and time of every file below a folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith((".", "__")):
                    yield [entry.path]
                    yield from _states(Path(entry.path))
            elif entry.name.endswith((".yaml", ".py")):
                status = entry.stat()
                yield [entry.path, status.st_size, status.st_mtime_ns]


def _folder() -> Path:
    from serotiny.cache.store import SignatureCache

    return SignatureCache().folder.parent / "completion"


def _file(key: str) -> Path:
    return _folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _load(key: str) -> dict[str, Any] | None:
    try:
        stored = json.loads(_file(key).read_bytes())
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) and {"evidence", "index"} <= stored.keys() else None


def _store(key: str, content: dict[str, Any]) -> None:
    """Write an index whole or not at all; a folder that cannot be written costs time and nothing else."""
    file = _file(key)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream)
        Path(name).replace(file)
        stored = sorted(file.parent.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in stored[:-_KEPT]:
            old.unlink(missing_ok=True)
