"""The names that `from module import *` imports, and the public names of a module."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from serotiny.targets.modules.module import Module

    ModuleFinder: TypeAlias = Callable[[Module, ast.expr], Module | None]
    """Finds the module that an expression such as `optim` in `optim.__all__` names."""


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """What `__all__` holds; `complete` unless part of it is computed."""

    names: tuple[str, ...]
    complete: bool


def declared_names(module: Module, find: ModuleFinder) -> DeclaredNames | None:
    """The names in a module's `__all__`, or None when it has none."""
    return _declared(module, find, frozenset())


def is_public(name: str) -> bool:
    """Whether a name is exported by a module without `__all__`."""
    return not name.startswith("_")


def _declared(module: Module, find: ModuleFinder, seen: frozenset[str]) -> DeclaredNames | None:
    expressions = module.scope.all_expressions
    if not expressions or module.name in seen:
        return None
    names: dict[str, None] = {}
    complete = True
    for expression in expressions:
        complete &= _collect(expression, module, find=find, seen=seen | {module.name}, names=names)
    return DeclaredNames(tuple(names), complete)


def _collect(
    expression: ast.expr, module: Module, find: ModuleFinder, seen: frozenset[str], names: dict[str, None]
) -> bool:
    """Add the names of one part of `__all__`; False when it is computed."""
    match expression:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return _collect_all(parts, module, find=find, seen=seen, names=names)
        case ast.Constant(value=str(name)):
            names[name] = None
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _collect_all([left, right], module, find=find, seen=seen, names=names)
        case ast.Starred(value=inner):
            return _collect(inner, module, find=find, seen=seen, names=names)
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "set"), args=[inner]):
            return _collect(inner, module, find=find, seen=seen, names=names)
        # `__all__ += optim.__all__`
        case ast.Attribute(value=owner, attr="__all__"):
            other = find(module, owner)
            declared = _declared(other, find, seen) if other is not None else None
            if declared is None:
                return False
            names.update(dict.fromkeys(declared.names))
            return declared.complete
        case _:
            return False


def _collect_all(
    parts: list[ast.expr], module: Module, find: ModuleFinder, seen: frozenset[str], names: dict[str, None]
) -> bool:
    complete = True
    for part in parts:
        # no short circuit: the other parts are known even if one is computed
        complete &= _collect(part, module, find=find, seen=seen, names=names)
    return complete
