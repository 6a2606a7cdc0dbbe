"""What the scripts that start from a primary config do with it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from serotiny.cache.questions import question
from serotiny.compiler.project.entry_points import EntryPoint, reads
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.given_values import GivenValue, given_values
from serotiny.compiler.project_code.scripts.handed_on import HandedOn, handed_on
from serotiny.compiler.project_code.scripts.script import Script
from serotiny.compiler.project_code.scripts.script_reads import ScriptRead, script_reads
from serotiny.compiler.project_code.scripts.script_scope import Scope


@dataclass
class Scripts(Subject):
    """The scripts of a project, each with the functions that are given its config.

    Attributes:
        modules: the project's source.
        points: the places where its scripts name their configs.
        folders: its config folders.
    """

    asked_as: ClassVar[str] = "scripts"

    modules: ProjectModules
    points: Callable[[], tuple[EntryPoint, ...]]
    folders: tuple[Path, ...]
    _by_name: dict[str | Path, Script | None] = field(default_factory=dict, init=False)
    _by_file: dict[Path, Script] = field(default_factory=dict, init=False)
    _reached: dict[Path, Sequence[Scope]] = field(default_factory=dict, init=False)

    @question
    def handed_on(self, primary: str) -> tuple[HandedOn, ...]:
        """The calls to which the scripts of a primary config hand parts of it as keyword arguments."""
        return tuple(found for script in self._scripts(primary) for found in handed_on(self._scopes(script)))

    @question
    def script_reads(self, primary: str) -> tuple[ScriptRead, ...]:
        """What the scripts of a primary config read of it, what is certain first, in the order of lines.

        Nothing where several start from it, or none.
        """
        scripts = [*self._scripts(primary)]
        only = scripts if len(scripts) == 1 else []
        found = (found for script in only for found in script_reads(self._scopes(script)))
        return tuple(sorted(found, key=lambda read: (not read.is_certain, read.line)))

    @question
    def line_of_read(self, primary: str, keys: tuple[str, ...]) -> int:
        """The line of the first place where the script of a primary config reads the key at these keys."""
        return next(read.line for read in self.script_reads(primary) if read.keys == keys)

    @question
    def given_values(self, primary: str) -> tuple[GivenValue, ...]:
        """The single values of a primary config that its scripts give to what they import, as they are; no call is certain where several start from it."""
        scripts = [*self._scripts(primary)]
        return tuple(
            replace(found, is_certain=found.is_certain and len(scripts) == 1)
            for script in scripts
            for found in given_values(self._scopes(script))
        )

    @question
    def line_of_given(self, primary: str, keys: tuple[str, ...], target: str, parameter: str | int) -> int:
        """The line of the first call of a target that a script of a primary config gives the value at these keys."""
        wanted = keys, target, parameter
        found = self.given_values(primary)
        return next(given.line for given in found if (given.keys, given.target, given.parameter) == wanted)

    def _scripts(self, primary: str) -> Iterator[Script]:
        """The scripts that start from a primary config in the project's folders; examples where nothing else does.

        What no script names is started by the only one that is given the name in the call, if there is one.
        """
        mains = [
            point
            for point in self.points()
            if point.is_main and any(reads(point, folder) for folder in self.folders)
        ]
        scripts = [point for point in mains if point.is_script] or mains
        of_any = [point.file for point in scripts if point.config is None]
        named = [point.file for point in scripts if point.config == primary]
        files = named or (of_any if len(of_any) == 1 else [])
        read = self.modules.parsed(self.modules.holding({"hydra"}).intersection(files))
        return (self._script(file, tree) for file, tree in read)

    def _script(self, file: Path, tree: ast.Module) -> Script:
        if file not in self._by_file:
            self._by_file[file] = Script(file, tree)
        return self._by_file[file]

    def _scopes(self, script: Script) -> Sequence[Scope]:
        """The functions that are given the config of a script; several questions are about them."""
        if script.file not in self._reached:
            self._reached[script.file] = tuple(scopes(script, self._module))
        return self._reached[script.file]

    def _module(self, name: str | Path) -> Script | None:
        """A module of the project by its dotted name or its path; None where it cannot be read, or is not the project's."""
        if name not in self._by_name:
            if isinstance(name, Path):
                files = {name.with_name(f"{name.name}.py"), name / "__init__.py"} & self.modules.texts.keys()
            else:
                files = {file for file in [self.modules.locate(name)] if file is not None}
            read = [*self.modules.parsed(files)]
            self._by_name[name] = self._script(*read[0]) if read else None
        return self._by_name[name]
