"""What the modules of a project do with its configs; they are read only when a diagnostic depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from serotiny.compiler.project import Project
from serotiny.compiler.project.entry_points import EntryPoint, source_modules
from serotiny.compiler.project_code.config_uses import ConfigUses
from serotiny.compiler.project_code.module_facts import FactCache
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.questions.additions import Additions
from serotiny.compiler.project_code.questions.making import Making
from serotiny.compiler.project_code.questions.removals import Removals
from serotiny.compiler.project_code.questions.resolvers import Resolvers
from serotiny.compiler.project_code.questions.scripts import Scripts
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.questions.targets import Targets
from serotiny.compiler.project_code.questions.words import Words

_TESTS: Final = frozenset({"test", "tests"})


@dataclass(frozen=True)
class ProjectCode:
    """The code of a project, analysed without importing it.

    Attributes:
        modules: its source.
        declared: the resolvers that no module registers.
        points: the places where its scripts name their configs; they are found when first needed.
        folders: its config folders.
    """

    modules: ProjectModules
    declared: tuple[str, ...] = ()
    points: Callable[[], Iterable[EntryPoint]] = tuple
    folders: tuple[Path, ...] = ()

    @classmethod
    def of_project(cls, project: Project, locate: Callable[[str], Path | None]) -> ProjectCode:
        """The code of a project, with the resolvers that its table declares, and those that its own Hydra has."""
        of_hydra = () if project.asked_hydra is None else project.asked_hydra.resolvers
        return cls(
            modules=ProjectModules(
                lambda: (file for file in source_modules(project.root) if not _is_of_tests(file, project)),
                locate,
                FactCache(),
            ),
            declared=(*project.leniency.resolvers, *of_hydra),
            points=project.entry_points,
            folders=project.config_folders,
        )

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything that is asked about it."""
        return (
            self.additions,
            self.making,
            self.removals,
            self.resolvers,
            self.scripts,
            self.targets,
            self.words,
        )

    @cached_property
    def additions(self) -> Additions:
        """What it gives to the nodes of configs, beside what is written there."""
        return Additions(self.modules, self._found_points)

    @cached_property
    def making(self) -> Making:
        """Which nodes it reads, and which it makes objects of."""
        return Making(self._found_points, self._uses, self.additions, self.targets)

    @cached_property
    def removals(self) -> Removals:
        """Which keys it takes out of nodes."""
        return Removals(self.modules, self._uses)

    @cached_property
    def resolvers(self) -> Resolvers:
        """Which resolvers it registers."""
        return Resolvers(self.modules, self.declared)

    @cached_property
    def scripts(self) -> Scripts:
        """What the scripts that start from a primary config do with it."""
        return Scripts(self.modules, self._found_points, self.folders)

    @cached_property
    def targets(self) -> Targets:
        """What it does with targets, in Hydra's place."""
        return Targets(self.modules)

    @cached_property
    def words(self) -> Words:
        """Which names and texts it has."""
        return Words(self.modules, self._uses)

    @cached_property
    def _uses(self) -> ConfigUses:
        return ConfigUses(self.modules)

    def _found_points(self) -> tuple[EntryPoint, ...]:
        return self._points

    @cached_property
    def _points(self) -> tuple[EntryPoint, ...]:
        return tuple(self.points())


def _is_of_tests(file: Path, project: Project) -> bool:
    """Whether a module is one of the project's tests, which change configs for themselves alone."""
    of_file, *of_folders = (
        {*path.relative_to(project.root).parts[:-1]} & _TESTS
        for path in (file, *(folder / "*" for folder in project.config_folders))
        if path.is_relative_to(project.root)
    )
    return bool(of_file) and not any(of_folders)
