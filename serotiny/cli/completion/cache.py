"""The stored indexes of completion, which are answers of the cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serotiny.cache.fingerprint import Evidence, states_below
from serotiny.cache.store import AnswerCache
from serotiny.filesystem import is_folder
from serotiny.reads import State, file_state

_KEPT = 64
"""How many indexes are kept."""


def command_index() -> dict[str, Any]:
    """The commands with their flags, as a tree of plain data."""
    cache = _cache("cli")
    entry = cache.load("commands")
    if entry is not None and isinstance(entry.answer, dict):
        return entry.answer
    from serotiny.cli.completion.index import index_commands

    index = index_commands()
    cache.store("commands", Evidence(), index)
    return index


def config_index(
    start: Path, config_dir: Path | None, operation: str, overrides: Sequence[str]
) -> dict[str, Any] | None:
    """Groups and keys of an operation's config; None where there is no project.

    Overrides that only set a value do not change which keys there are, and share an index.
    """
    from serotiny.compiler.project import ProjectError, find_project

    try:
        project = find_project(start, config_dir)
    except ProjectError:
        return None
    structural = [text for text in overrides if _is_structural(text, project.config_folders)]
    key = f"config {project.root} {project.config_folders} {operation} {structural}"
    configs: dict[str, State] = {}
    for folder in project.config_folders:
        configs |= states_below(folder, (".yaml",))
    cache = _cache("compiler")
    entry = cache.load(key)
    # a new file in the folders makes the index stale, as a changed one does
    if (
        entry is not None
        and isinstance(entry.answer, dict)
        and entry.evidence.files == {path: file_state(path) for path in entry.evidence.files} | configs
    ):
        return entry.answer
    from serotiny.cli.completion.index import index_config

    index, sources = index_config(project, operation, structural)
    others = (str(project.root / "pyproject.toml"), *sources)
    cache.store(key, Evidence({path: file_state(path) for path in others} | configs), index)
    return index


def _is_structural(text: str, folders: Sequence[Path]) -> bool:
    key = text.lstrip("+~").partition("=")[0]
    return text.startswith(("+", "~")) or any(is_folder(folder / key) for folder in folders)


def _cache(room: str) -> AnswerCache:
    """The indexes that the code of a package of serotiny computes."""
    return AnswerCache("completion", Path(__file__).parents[2] / room, kept=_KEPT)
