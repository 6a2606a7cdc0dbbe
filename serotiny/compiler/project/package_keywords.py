"""What scripts for an older Hydra understand: the keywords of Hydra 1.0 in a `# @package` line, or none at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from serotiny.compiler.project.entry_points import EntryPoint, reads
from serotiny.compiler.project.project import Project
from serotiny.diagnostics import closest
from serotiny.schemas.names import GLOBAL_PACKAGE, GROUP_PACKAGE

_NAME = "_name_"


def has_keywords(directive: str) -> bool:
    """Whether a package directive contains a keyword; newer scripts take it for the name of a key."""
    return GROUP_PACKAGE in directive or _NAME in directive


def meant_global(directive: str) -> str | None:
    """A package directive with `_global_` in place of a misspelling of it; None where it has none.

    Hydra looks for `_global_` anywhere in it, so that `__global__` is the same.
    """
    first, dot, rest = directive.partition(".")
    is_keyword = first.startswith("_") or first.endswith("_")
    if (
        not is_keyword
        or GLOBAL_PACKAGE in first
        or closest(first.lower(), (GLOBAL_PACKAGE,), cutoff=0.8) is None
    ):
        return None
    return f"{GLOBAL_PACKAGE}{dot}{rest}"


def meant_group(directive: str, config_path: str) -> str | None:
    """A package directive with the names of the config's own folders in place of those with two letters swapped."""
    folders = config_path.split("/")[:-1]
    steps = [
        found
        if (found := closest(step, folders, cutoff=1.0)) and found.casefold() != step.casefold()
        else step
        for step in directive.split(".")
    ]
    meant = ".".join(steps)
    return meant if meant != directive else None


def has_old_base(points: Iterable[EntryPoint]) -> bool:
    """Whether Hydra may behave as before 1.2 in a script that reads the configs of a project."""
    return any(point.has_old_base for point in points)


def has_options_at_root(project: Project, points: Iterable[EntryPoint]) -> bool:
    """Whether the scripts that read the configs of a project find options without a package at the root."""
    asked = project.asked_hydra
    return (asked is not None and asked.puts_options_at_root) or any(
        point.has_options_at_root for point in points
    )


def has_new_base(project: Project, points: Sequence[EntryPoint]) -> bool:
    """Whether it certainly does not, in those that are seen or in serotiny itself."""
    is_seen = any(point.is_script for point in points) or project.layout.is_own
    return is_seen and not has_old_base(points)


def points_reading(project: Project) -> list[EntryPoint]:
    """The entry points that start from the configs of a project; all of its modules are read for it."""
    return [
        point
        for point in project.entry_points()
        if any(reads(point, folder) for folder in project.config_folders)
    ]


def without_keywords(directive: str, config_path: str) -> str | None:
    """What a package directive with keywords means in a config; None for the default, its group."""
    if directive == GROUP_PACKAGE:
        return None
    group, _, name = config_path.rpartition("/")
    return directive.replace(GROUP_PACKAGE, group.replace("/", ".")).replace(_NAME, name)
