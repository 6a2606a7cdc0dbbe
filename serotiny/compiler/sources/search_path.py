"""`hydra.searchpath`: more places that configs come from, as far as they are to be trusted."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.project import Project
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic
from serotiny.filesystem import is_folder


def read_search_path(node: Node | None, project: Project) -> tuple[tuple[Path, ...], list[Diagnostic]]:
    """The folders that a `hydra.searchpath` adds.

    A folder inside the project (`file://`, or a bare path from the current folder) and the project's own
    package (`pkg://`) are taken; everything else would let a YAML file bring in configs, or import
    a package, that nobody has looked at.

    Returns:
        The folders in order, and SER110 or SER309 for each entry that is refused.
    """
    if node is None or node.value is None:
        return (), []
    if not node.is_list:
        return (), [Diagnostic("SER309", "`hydra.searchpath` must be a list", node.place, "hydra.searchpath")]
    folders: list[Path] = []
    faults: list[Diagnostic] = []
    for index, item in enumerate(node.value):
        folder = _folder(item.value, project) if isinstance(item.value, str) else None
        key = f"hydra.searchpath[{index}]"
        if folder is None:
            message = f"configs are not taken from `{item.plain()}`"
            fix = "name a folder inside the project, as in `file://configs/shared`"
            faults.append(Diagnostic("SER110", message, item.place, key, help=fix))
        elif not is_folder(folder):
            faults.append(Diagnostic("SER309", f"there is no folder {folder}", item.place, key))
        else:
            folders.append(folder)
    return tuple(folders), faults


def _folder(entry: str, project: Project) -> Path | None:
    scheme, _, rest = entry.rpartition("://")
    if scheme == "pkg":
        if project.package is None or rest.partition(".")[0] != project.package:
            return None
        candidates = [path.joinpath(*rest.split(".")) for path in project.import_paths]
        return next((path for path in candidates if is_folder(path)), candidates[0])
    if scheme not in ("", "file"):
        return None
    folder = (project.root / rest).resolve()
    return folder if folder.is_relative_to(project.root) else None
