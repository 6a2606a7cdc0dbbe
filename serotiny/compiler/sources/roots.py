"""The primary configs of a project: what its jobs start from."""

from __future__ import annotations

from serotiny.compiler.project import ProjectError
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import read_defaults
from serotiny.compiler.tree import every
from serotiny.diagnostics.suggestions import meant_or_all
from serotiny.schemas.names import OPERATIONS

_CUSTOMARY = "config"
"""The name of the primary config in Hydra's documentation."""


def find_roots(sources: Sources) -> tuple[str, ...]:
    """The primary configs, those of operations first.

    They are those that `[tool.serotiny] roots` lists. Where it does not: the operations' own, those that
    the project's source names, `config.yaml`, and every config at the top of a folder that has a defaults
    list and is not part of another one; where there is none of all these and no group, every one with a `_target_`.

    Raises:
        ProjectError: a listed one does not exist.
    """
    project = sources.project
    if project.has_all_roots:
        for name in project.named_roots:
            if sources.path_of(name) is None:
                folders = ", ".join(project.shown(folder) for folder in project.config_folders)
                hint = meant_or_all(name, sources.options(""), "there are")
                raise ProjectError(f"[tool.serotiny] roots: there is no config `{name}` in {folders}; {hint}")
        return project.named_roots
    run = [project.operations[name] for name in OPERATIONS if name in project.operations]
    if project.layout.is_own:
        run = _complete(sources, run)
    top = [name for name in sources.options("") if _starts_a_job(sources, name)]
    parts = {path for name in top for path in _included(sources, name)}
    found = [*run, *project.named_roots, *(name for name in top if name not in parts)]
    if not found and not sources.groups():
        found = [name for name in sources.options("") if _makes_something(sources, name)]
    return tuple(dict.fromkeys(found))


def _complete(sources: Sources, operations: list[str]) -> list[str]:
    """In serotiny's own layout: those with a file, and all of them where data and model have a `default`."""
    has_defaults = all("default" in sources.options(group) for group in ("data", "model"))
    own = [name for name in operations if sources.path_of(name) is not None]
    others = [name for name in sources.options("") if _starts_a_job(sources, name)]
    return operations if has_defaults or not (own or others) else own


def _starts_a_job(sources: Sources, name: str) -> bool:
    if name == _CUSTOMARY:
        return True
    document = sources.document(name)
    defaults = document.root.get("defaults") if document is not None else None
    return defaults is not None and (defaults.is_list or defaults.value is None)


def _makes_something(sources: Sources, name: str) -> bool:
    document = sources.document(name)
    return document is not None and any(node.get("_target_") is not None for node in every(document.root))


def _included(sources: Sources, name: str) -> set[str]:
    document = sources.document(name)
    entries = read_defaults(document)[0] if document is not None else []
    return {path.removesuffix(SUFFIX) for entry in entries for path in entry.paths(name)}
