"""`hydra.searchpath`: further folders of configs, as far as they are trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from serotiny.compiler.project import Project
from serotiny.compiler.project.environment import environment_of
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node, select
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.filesystem import is_folder, matching

_VARIABLE: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*([A-Za-z_]\w*)\s*(?:,\s*([^{}]*?)\s*)?\}")


def with_parts_on_search_path(sources: Sources, roots: Sequence[str]) -> Sources:
    """The sources with the folders that every primary config adds, if all add the same and those hold no primary config."""
    first, *others = _added_by(sources, roots) or [()]
    folders = first if all(added == first for added in others) else ()
    is_of_parts = not any(True for folder in folders for _ in matching(folder, "*.yaml"))
    return sources.with_folders(folders) if folders and is_of_parts else sources


def with_search_path(sources: Sources, roots: Sequence[str]) -> Sources:
    """The sources with all folders that primary configs add."""
    folders = tuple(dict.fromkeys(folder for added in _added_by(sources, roots) for folder in added))
    return sources.with_folders(folders) if folders else sources


def _added_by(sources: Sources, roots: Sequence[str]) -> list[tuple[Path, ...]]:
    """What each primary config adds, in order."""
    documents = (sources.document(root) for root in roots)
    return [
        read_search_path(select(document.root, ("hydra", "searchpath")), sources.project)[0]
        for document in documents
        if document is not None
    ]


def read_search_path(node: Node | None, project: Project) -> tuple[tuple[Path, ...], list[Diagnostic]]:
    """The folders that a `hydra.searchpath` adds.

    A folder inside the project (`file://`, or a bare path from the current folder) and the packages of
    its own modules (`pkg://`) are taken. With anything else a YAML file could bring in configs, or import
    a package, that nobody has reviewed.

    Returns:
        The folders in order, SER110 for each entry that is refused, and SER309 for a folder or package that is not there.
    """
    if node is None or node.value is None:
        return (), []
    if not node.is_list:
        if node.place.override is not None:
            return (), []  # Hydra's own type for it refuses the override
        fix = "write `[file://configs/shared]`"
        message = "`hydra.searchpath` must be a list"
        return (), [Diagnostic("SER309", message, node.place, "hydra.searchpath", help=fix)]
    folders: list[Path] = []
    faults: list[Diagnostic] = []
    for index, item in enumerate(node.value):
        entry = _with_environment(item.value, project) if isinstance(item.value, str) else None
        folder = _folder(entry, project) if entry is not None else None
        key = f"hydra.searchpath[{index}]"
        if folder is None:
            message = f"configs are not taken from `{item.plain()}`"
            fix = "name a folder inside the project, as in `file://configs/shared`"
            faults.append(Diagnostic("SER110", message, item.place, key, help=fix))
        elif not is_folder(folder):
            message = f"there is no folder {project.shown(folder)}"  # Hydra warns, and goes on without it
            fix = "make it, or take it out; a bare path counts from the project's folder"
            faults.append(Diagnostic("SER309", message, item.place, key, help=fix, severity=Severity.WARNING))
        else:
            folders.append(folder)
    return tuple(folders), faults


def _with_environment(entry: str, project: Project) -> str | None:
    """An entry with its environment variables filled in; None where one is not set or it asks for more."""
    environment = environment_of(project)

    def value(match: re.Match[str]) -> str:
        return environment.get(match[1]) or (match[2] or "").strip("'\"") or match[0]

    filled = _VARIABLE.sub(value, entry)
    return None if "${" in filled else filled


def _folder(entry: str, project: Project) -> Path | None:
    scheme, _, rest = entry.rpartition("://")
    if scheme == "pkg":
        steps = rest.replace("/", ".").rstrip(".").split(".")
        bases = (*project.import_paths, *project.script_folders)
        there = [path for base in bases if is_folder(path := base.joinpath(*steps))]
        inside = next((path for path in there if _is_within(path, project)), None)
        # Hydra warns of a package that nothing defines, and goes on; where serotiny runs the jobs none but the own are taken
        is_only_checked = not project.operations
        is_missing = not there and (
            _is_own(steps[0], bases, project) or (is_only_checked and _is_nowhere(steps[0]))
        )
        return bases[0].joinpath(*steps) if is_missing else inside
    if scheme not in ("", "file"):
        return None
    folder = (project.root / rest).resolve()
    return folder if _is_within(folder, project) else None


def _is_own(name: str, bases: Sequence[Path], project: Project) -> bool:
    folders = (base / name for base in bases)
    return name == project.package or any(is_folder(path) and _is_within(path, project) for path in folders)


def _is_nowhere(name: str) -> bool:
    """Whether no package of a name is installed."""
    return not name.isidentifier() or PathFinder.find_spec(name) is None


def _is_within(folder: Path, project: Project) -> bool:
    # resolved, since a link may lead outside
    return folder.resolve().is_relative_to(project.root)
