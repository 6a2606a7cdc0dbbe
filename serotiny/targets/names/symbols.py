"""What a dotted path can lead to."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from serotiny.targets.modules.module import Module
from serotiny.targets.modules.scope import Assigned, Branch, Scope, read_scope
from serotiny.targets.modules.statements import attributes_assigned_in

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class ModuleSymbol:
    """A module or package."""

    module: Module

    @property
    def path(self) -> str:
        return self.module.name


@dataclass(frozen=True)
class ClassSymbol:
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
        return read_scope(self.node.body, self.qualified_name)

    @property
    def attribute_writes(self) -> Counter[str]:
        """How often each attribute is set in the class."""
        return _attribute_writes(self.node)


@lru_cache(256)
def _attribute_writes(node: ast.ClassDef) -> Counter[str]:
    # kept by the node: a class is looked up anew for each name that leads to it
    return Counter(attribute.attr for attribute in attributes_assigned_in(node))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSymbol:
    """A function; `owner` is the class whose body has it, `bound_to` the class through which it was reached."""

    module: Module
    node: FunctionNode
    qualified_name: str
    outer: tuple[Scope, ...]
    owner: ClassSymbol | None = None
    bound_to: ClassSymbol | None = None

    @property
    def path(self) -> str:
        return f"{self.module.name}.{self.qualified_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSymbol:
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
class OpaqueSymbol:
    """Something that exists, or may exist, and about which the source says no more.

    `through_value`: it was reached through a value, whose attributes are known only at run time.
    """

    path: str
    through_value: bool = False


@dataclass(frozen=True, slots=True)
class NotInstalled:
    """A name of a package that is not there: a top-level one, or a part of a namespace package."""

    path: str
    package: str


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name that certainly does not exist in `found`, which has `candidates` instead."""

    found: str
    missing: str
    candidates: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"{self.found}.{self.missing}"


Symbol: TypeAlias = (
    ModuleSymbol | ClassSymbol | FunctionSymbol | ValueSymbol | OpaqueSymbol | NotInstalled | MissingName
)
"""What a path leads to. Several conditional definitions are several symbols."""


def parameter_names(node: FunctionNode) -> list[str]:
    """The names of a function's parameters, in order, without `*args` and `**kwargs`."""
    return [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def defaults_of(node: FunctionNode) -> dict[str, ast.expr | None]:
    """The names of a function's parameters, as `parameter_names`, each with its default; None if it has none."""
    required = len(node.args.posonlyargs) + len(node.args.args) - len(node.args.defaults)
    defaults = [*[None] * required, *node.args.defaults, *node.args.kw_defaults]
    return dict(zip(parameter_names(node), defaults, strict=True))


def default_of(node: FunctionNode, name: str) -> ast.expr | None:
    """The default of a parameter; None if it has none."""
    return defaults_of(node).get(name)


def constant(expression: ast.expr | None) -> object:
    """The value of a literal, or None."""
    return expression.value if isinstance(expression, ast.Constant) else None


def local_scope(node: FunctionNode) -> Scope:
    """The names that a function binds; the values of its parameters are unknown."""
    scope = read_scope(node.body)
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    for argument in every:
        if argument is not None:
            scope.names.setdefault(argument.arg, []).insert(0, Assigned(None, None, Branch.ALWAYS))
    return scope
