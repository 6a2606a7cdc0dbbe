"""Which resolvers a project's code registers."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from serotiny.cache.questions import question
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.resolvers import (
    REGISTERING,
    imported_tables,
    names_in_tables,
    registered_names,
    registering_functions,
    registering_packages,
)
from serotiny.compiler.syntax.resolvers import is_registered

_ANY = "*"
"""The pattern of whatever name."""


@dataclass
class Resolvers(Subject):
    """The resolvers that a project has.

    Attributes:
        modules: its source.
        declared: those that its table declares, since the source does not show them.
    """

    asked_as: ClassVar[str] = "resolvers"

    modules: ProjectModules
    declared: tuple[str, ...]

    @question
    def registered(self) -> frozenset[str]:
        """The resolvers that the project's code registers, and those that its table declares."""
        return self._registered.union(self.declared)

    @cached_property
    def _registered(self) -> frozenset[str]:
        """The resolvers that the project's modules, and the modules they import, register."""
        own = frozenset(name for _, names in self._registering for name in names)
        imported = self.modules.imported_with(REGISTERING)
        names = own.union(*(registered_names(tree, frozenset()) for tree in imported))
        return names | {_ANY} if self._registers_unseen() else names

    def _registers_unseen(self) -> bool:
        """Whether the project has a package register resolvers whose source is not here."""
        trees = self.modules.trees_with({"resolver"})
        packages = frozenset(name for tree in trees for name in registering_packages(tree))
        own = {part for file in self.modules.texts if packages for part in (*file.parts, file.stem)}
        return any(name not in own and self.modules.locate(name) is None for name in packages)

    def modules_of(self, names: frozenset[str]) -> list[Path]:
        """The project's own modules that register, or may register, one of these resolvers."""
        return [
            file
            for file, registered in self._registering
            if any(is_registered(name, registered) for name in names)
        ]

    @cached_property
    def _registering(self) -> list[tuple[Path, frozenset[str]]]:
        """The project's own modules that register resolvers, with the names of these."""
        own = self.modules.trees_with(REGISTERING)
        functions = frozenset(name for tree in own for name in registering_functions(tree))
        found = self.modules.with_words(REGISTERING | functions)
        return [(file, registered_names(tree, functions) | self._in_tables(tree)) for file, tree in found]

    def _in_tables(self, tree: ast.Module) -> frozenset[str]:
        """The names in the tables which a module imports to register what is in them."""
        tables = imported_tables(tree)
        trees = self.modules.trees_with(tables) if tables else ()
        return frozenset(name for other in trees for name in names_in_tables(other, tables))
