"""A module of a project, with what is defined, imported and called in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from serotiny.compiler.project.source_module import SourceModule, SourceTree

Definition: TypeAlias = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, eq=False)
class Script:
    """A module of a project, as read from its source."""

    file: Path
    tree: ast.Module

    @cached_property
    def module(self) -> SourceModule:
        """Its calls, and what its names are bound to."""
        return SourceModule(self.file, self.tree, SourceTree(()))

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """The functions and classes at its top."""
        return {
            node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }

    @cached_property
    def imports(self) -> Mapping[str, tuple[str | Path, str]]:
        """What its names are imported from: a module, by its dotted name or its path without suffix, and the name there."""
        found: dict[str, tuple[str | Path, str]] = {}
        for node in self.module.nodes:
            match node:
                case ast.Import(names=names):
                    for item in names:
                        found[item.asname or item.name.partition(".")[0]] = (
                            item.name if item.asname else item.name.partition(".")[0],
                            "",
                        )
                case ast.ImportFrom(module=module, names=names, level=level):
                    where: str | Path = module or ""
                    if level and level <= len(self.file.parents):
                        where = self.file.parents[level - 1].joinpath(
                            *filter(None, (module or "").split("."))
                        )
                    found |= {item.asname or item.name: (where, item.name) for item in names}
                case _:
                    pass
        return found

    @cached_property
    def calls(self) -> Mapping[str, Sequence[ast.Call]]:
        """Its calls by what they call, as `ast.dump` writes it."""
        found: dict[str, list[ast.Call]] = {}
        for node in self.module.nodes:
            if isinstance(node, ast.Call):
                found.setdefault(ast.dump(node.func), []).append(node)
        return found


Modules: TypeAlias = Callable[[str | Path], Script | None]
"""Returns a module of the project by its dotted name, or its path without suffix."""


def no_modules(_: str | Path) -> None:
    """No other module is looked at."""
