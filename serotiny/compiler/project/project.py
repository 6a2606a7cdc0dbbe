"""A project: its folders, settings and layout, for everything that compiles or runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from serotiny.compiler.project.entry_points import EntryPoint, EntryPoints, script_folders
from serotiny.compiler.project.layout import SEROTINY, Layout, own_operations
from serotiny.compiler.project.leniency import Leniency
from serotiny.compiler.project.requirements import AskedHydra
from serotiny.compiler.project.source_roots import source_roots
from serotiny.diagnostics import SerotinyError


class ProjectError(SerotinyError):
    """There is no project in the folder or above, or its `[tool.serotiny]` table is wrong."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project whose configs are compiled.

    Attributes:
        root: the folder of its `pyproject.toml`; diagnostics' files are relative to it.
        package: its importable package, or None with `--config-dir` alone.
        config_folders: the folders in which a config is looked for; the first match counts.
        trusted: packages that `[tool.serotiny] trusted` or `--trust` adds; without a table also the
            repository's own ones.
        allowed: single targets that `[tool.serotiny] allow` adds.
        trusted_hosts: the hosts of `[tool.serotiny] trusted_hosts`, which may be sent credentials.
        layout: the keys of the parts of a job in its configs.
        wired: the layouts of the primary configs whose own scripts show where their parts are.
        operations: the primary config of each operation that serotiny can run here.
        named_roots: primary configs that the table, or the project's source, names; more are found
            among the config files.
        inner_roots: configs in folders below the config folders from which scripts start with that folder as theirs.
        has_all_roots: the table lists all primary configs, so that none are looked for.
        leniency: its settings for diagnostics.
        beside_scripts: the folders of the scripts that start from its configs; None if they were not looked for.
        asked_hydra: the Hydra that its requirements bound it to, where serotiny does not run its jobs.
        asked_python: the oldest Python that it says to be for, where serotiny does not run its jobs.
        other_folders: the folders of configs whose jobs start by themselves, each checked as a project of its own.
        recognised: what was found out about the layout, in words; None if the table states everything.
        found: the entry points in its modules; None if they were not looked for.
    """

    root: Path
    package: str | None
    config_folders: tuple[Path, ...]
    trusted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    layout: Layout = SEROTINY
    wired: dict[str, Layout] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=own_operations)
    named_roots: tuple[str, ...] = ()
    inner_roots: tuple[str, ...] = ()
    has_all_roots: bool = False
    leniency: Leniency = field(default_factory=Leniency)
    beside_scripts: tuple[Path, ...] | None = field(default=None, compare=False)
    asked_hydra: AskedHydra | None = None
    asked_python: tuple[int, int] | None = None
    other_folders: tuple[Path, ...] = field(default=(), compare=False)
    recognised: str | None = field(default=None, compare=False)
    found: EntryPoints | None = field(default=None, compare=False, repr=False)

    @property
    def import_paths(self) -> tuple[Path, ...]:
        """The folders from which the project's own modules are imported, whether it is installed or not."""
        return source_roots(self.root)

    @cached_property
    def script_folders(self) -> tuple[Path, ...]:
        """The folders of the scripts that start from the configs: what lies beside a script, it imports by its bare name."""
        if self.beside_scripts is not None:
            return self.beside_scripts
        return script_folders(self.entry_points(), self.config_folders)

    def entry_points(self) -> tuple[EntryPoint, ...]:
        """The places in its modules where scripts name their configs."""
        return self._entry_points()

    @cached_property
    def _entry_points(self) -> EntryPoints:
        return self.found or EntryPoints(self.root)

    def layout_of(self, primary: str) -> Layout:
        """The layout of a primary config."""
        return self.wired.get(primary, self.layout)

    def primary_of(self, name: str) -> str:
        """The primary config of an operation; a name that is no operation is that of a primary config itself."""
        return self.operations.get(name, name)

    def operation_of(self, primary: str) -> str | None:
        """The operation that runs a primary config; None for one that serotiny only checks."""
        return next((name for name, root in self.operations.items() if root == primary), None)

    def shown(self, path: Path) -> str:
        """`path` for messages: relative to the root if it is below the root."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()
