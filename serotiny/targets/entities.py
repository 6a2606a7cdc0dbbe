"""What a dotted path can lead to."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from serotiny.targets.bindings import Scope, read_scope
from serotiny.targets.module import Module

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class ModuleEntity:
    """A module or package."""

    module: Module

    @property
    def path(self) -> str:
        return self.module.name


@dataclass(frozen=True)
class ClassEntity:
    """A class and the scopes that surround it, the module's first."""

    module: Module
    node: ast.ClassDef
    qualified_name: str
    outer: tuple[Scope, ...]

    @property
    def path(self) -> str:
        return f"{self.module.name}.{self.qualified_name}"

    @cached_property
    def scope(self) -> Scope:
        return read_scope(self.node.body)


@dataclass(frozen=True, slots=True)
class FunctionEntity:
    """A function; `owner` is the class whose body has it, `bound_to` the class through which it was reached."""

    module: Module
    node: FunctionNode
    qualified_name: str
    outer: tuple[Scope, ...]
    owner: ClassEntity | None = None
    bound_to: ClassEntity | None = None

    @property
    def path(self) -> str:
        return f"{self.module.name}.{self.qualified_name}"


@dataclass(frozen=True, slots=True)
class ValueEntity:
    """A name that an expression is assigned to, when that is neither a class nor a function."""

    module: Module
    value: ast.expr
    qualified_name: str
    outer: tuple[Scope, ...]
    annotation: ast.expr | None = None

    @property
    def path(self) -> str:
        return f"{self.module.name}.{self.qualified_name}"


@dataclass(frozen=True, slots=True)
class OpaqueEntity:
    """Something that exists, or may exist, of which the source does not tell more."""

    path: str


@dataclass(frozen=True, slots=True)
class NotInstalled:
    """The top-level package is not there."""

    path: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The name is certainly not there: `found` is, and has `candidates` instead."""

    found: str
    missing: str
    candidates: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"{self.found}.{self.missing}"


Entity: TypeAlias = (
    ModuleEntity | ClassEntity | FunctionEntity | ValueEntity | OpaqueEntity | NotInstalled | Absent
)
"""What a path leads to. Several conditional definitions are several entities."""
