"""The schema that each config file follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serotiny.compiler.project import Project
from serotiny.compiler.project.config_files import config_files_below
from serotiny.compiler.syntax.document import read_document
from serotiny.json_schema.documents import GROUPS
from serotiny.schemas.names import GLOBAL_PACKAGE, GROUP_PACKAGE, OPERATIONS


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config of a project.

    Attributes:
        path: its file.
        group: the folder that it lies in, `""` for one at the top.
        schema: the group or operation whose schema it follows; None when there is none for it.
    """

    path: Path
    group: str
    schema: str | None

    @property
    def usual_schema(self) -> str | None:
        """The schema by its folder alone, without a `# @package` line."""
        return _by_place(self.group, self.path.stem)


def config_files(project: Project) -> Iterator[ConfigFile]:
    """Every config of a project, sorted by folder and path."""
    for folder in project.config_folders:
        for path in sorted(config_files_below(folder)):
            group = path.parent.relative_to(folder).as_posix().removeprefix(".")
            package = read_document(path, project.shown(path)).package
            yield ConfigFile(path, group, schema_of(group, path.stem, package))


def schema_of(group: str, name: str, package: str | None) -> str | None:
    """The schema of a config, by its folder and its `# @package` line."""
    if package is None or package == GROUP_PACKAGE:
        return _by_place(group, name)
    if package == GLOBAL_PACKAGE:
        # `train` has all root keys that any operation has
        return "train"
    at = package.replace(".", "/")
    return at if at in GROUPS else None


def _by_place(group: str, name: str) -> str | None:
    if not group:
        return name if name in OPERATIONS else None
    return group if group in GROUPS else None
