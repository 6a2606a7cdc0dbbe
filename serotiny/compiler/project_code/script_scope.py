"""What is looked at of a script: its modules, and the functions that are given its config."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from serotiny.compiler.project.source_module import SourceModule, SourceTree
from serotiny.compiler.project_code.script_config import Held, aliases, evaluated, on_condition

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
    def calls(self) -> Mapping[str, Sequence[ast.Call]]:
        """Its calls by what they call, as `ast.dump` writes it."""
        found: dict[str, list[ast.Call]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                found.setdefault(ast.dump(node.func), []).append(node)
        return found


Modules: TypeAlias = Callable[[str], Script | None]
"""Returns a module of the project by its dotted name."""


@dataclass(frozen=True, eq=False)
class Scope:
    """A function that is given the config of a script, or parts of it.

    Attributes:
        held: what its parameters hold, and the attributes of its object.
        is_reached: it is certainly called.
        is_asked: it is called only where a condition holds.
        owner: the name of the class of which it is a method.
    """

    script: Script
    function: ast.FunctionDef
    held: Held
    is_reached: bool
    is_asked: bool = False
    owner: str = ""

    @cached_property
    def known(self) -> Held:
        """What its variables hold, those that it only reads from."""
        return aliases(self.held, self.function, is_untouched=False)

    @cached_property
    def untouched(self) -> Held:
        """Likewise, without those that it gives to anything else."""
        return aliases(self.held, self.function, is_untouched=True)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that is in it."""
        return tuple(ast.walk(self.function))

    @cached_property
    def certain(self) -> frozenset[int]:
        """The ids of the nodes that are certainly evaluated."""
        return frozenset(evaluated(self.function.body)) if self.is_reached else frozenset()

    @cached_property
    def _on_condition(self) -> frozenset[int]:
        return frozenset(on_condition(self.function))

    def asks_before(self, node: ast.AST) -> bool:
        """Whether a node in it is evaluated only where a condition holds."""
        return self.is_asked or id(node) in self._on_condition


def no_modules(_: str) -> None:
    """No other module is looked at."""
