"""The packages whose presence code tests: `RequirementCache("wandb>=0.12.10")`, `find_spec("wandb") is not None`, `try: import wandb`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import NotInstalled, ValueSymbol
from serotiny.targets.value_types.conditions import Missing, not_installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.modules.module import Module, ModuleTree
    from serotiny.targets.names.symbols import Symbol

_OF_REQUIREMENTS: Final = "RequirementCache"
_OF_MODULES: Final = frozenset(
    {"find_spec", "module_available", "package_available", "_module_available", "_package_available"}
)


def presence(name: str, symbol: Symbol, module: Module, tree: ModuleTree) -> ast.expr | None:
    """What a name of a module is worth in a condition, where it says whether a package is installed; None for other names.

    Args:
        name: as the module writes it.
        symbol: what it stands for.
        module: where it is written.
        tree: finds the packages.
    """
    if isinstance(symbol, ValueSymbol):
        tested = _of_call(symbol.value, tree)
        return tested if tested is not None else _of_try(symbol.qualified_name, symbol.module, tree)
    return _of_try(name, module, tree) if isinstance(symbol, NotInstalled) else None


def absent_imports(statement: ast.stmt, module: Module, tree: ModuleTree) -> Iterator[str]:
    """The packages that an import statement of a module needs and that are not installed."""
    return (package for package in _imported(statement) if tree.lacks(package, module))


def _of_call(value: ast.expr, tree: ModuleTree) -> ast.expr | None:
    match value:
        case ast.Compare(left=ast.Call() as call, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return _of_call(call, tree)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            called = last_name(function)
            names = ("requirement", "module") if called == _OF_REQUIREMENTS else ("module",)
            given = [*zip(names, arguments, strict=False), *((word.arg, word.value) for word in keywords)]
            texts = {name: _text(value) for name, value in given}
            if called == _OF_REQUIREMENTS:
                return _of_requirement(texts.get("requirement", ""), texts.get("module", ""), tree)
            package = texts.get("module", "").partition(".")[0]
            return _of_requirement("", package, tree) if called in _OF_MODULES and package else None
        case _:
            return None


def _text(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _of_requirement(requirement: str, module: str, tree: ModuleTree) -> ast.expr | None:
    """Whether a package is there at all; its version is not compared."""
    distribution = re.split(r"[^\w.-]", requirement)[0]
    package = (module or distribution.replace("-", "_")).partition(".")[0]
    if not package:
        return None
    is_there = tree.finder.find(package) is not None
    if not is_there and not module:
        is_there = tree.finder.distribution(distribution) is not None
    return _found(Missing(requirement or package, bool(requirement)), is_there)


def _of_try(name: str, module: Module, tree: ModuleTree) -> ast.expr | None:
    """Of a name that is bound to something true where an import works, and to something false where it does not."""
    for statement in module.tree.body if module.tree is not None else ():
        if not isinstance(statement, ast.Try):
            continue
        otherwise = [_assigned(name, inner) for handler in statement.handlers for inner in handler.body]
        packages = [package for inner in statement.body for package in _imported(inner)]
        if packages and any(found is not None and not found.value for found in otherwise):
            absent = [package for package in packages if tree.lacks(package, module)]
            return _found(Missing((absent or packages)[0], False), not absent)
    return None


def _assigned(name: str, statement: ast.stmt) -> ast.Constant | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant() as value) if target == name:
            return value
        case _:
            return None


def _imported(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Import(names=names):
            return [alias.name.partition(".")[0] for alias in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module.partition(".")[0]]
        case _:
            return []


def _found(package: Missing, is_there: bool) -> ast.expr:
    return ast.Constant(True) if is_there else not_installed(package)
