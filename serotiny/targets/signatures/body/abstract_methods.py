"""The abstract methods that a class and its bases leave undefined, so that it cannot be called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol, FunctionNode

_EMPTY_BASES: Final = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing_extensions.Generic"})
_ABSTRACT: Final = frozenset({"abc.abstractmethod", "abc.abstractproperty"})
_STAY_ABSTRACT: Final = frozenset({"builtins.property", "builtins.classmethod", "builtins.staticmethod"})
_MAKING: Final = ("__new__", "__init_subclass__")
"""Methods that may give something else than an instance, or a class more than its body."""
_CHANGING: Final = ("__abstractmethods__", "update_abstractmethods")
_SETTING: Final = frozenset({"locals", "vars", "exec"})


def undefined_methods(symbol: ClassSymbol, resolver: NameResolver) -> list[tuple[ClassSymbol, FunctionNode]]:
    """The abstract methods, each with the class that declares it; empty where source leaves open whether one is.

    The machine of `abc` counts them once, when the class is made: what is set later defines none of them.
    """
    line = resolver.linearise(symbol)
    known = {owner.path for owner in line.classes}
    if not line.certain or not known.union(_EMPTY_BASES).issuperset(line.paths):
        return []
    metaclasses = [_metaclass(owner, resolver) for owner in line.classes if owner.node.keywords]
    is_enforced = "abc.ABC" in line.paths or "abc.ABCMeta" in metaclasses
    if not is_enforced or set(metaclasses) - {"abc.ABCMeta"} or any(map(_may_define_any, line.classes)):
        return []
    names = dict.fromkeys(name for owner in line.classes for name in owner.scope.names)
    found = []
    for name in names:
        owner = next(owner for owner in line.classes if name in owner.scope.names)
        node = owner.scope.only_function(name)
        if node is not None and _is_abstract(node, owner, resolver):
            found.append((owner, node))
    return found


def _metaclass(owner: ClassSymbol, resolver: NameResolver) -> str | None:
    match owner.node.keywords:
        case [ast.keyword(arg="metaclass", value=value)]:
            return resolver.expression(owner.module, owner.outer, value).path
        case _:
            return None


def _may_define_any(owner: ClassSymbol) -> bool:
    """Whether a class may get methods that its body does not write out, or an instance of it be something else."""
    return (
        bool(owner.node.decorator_list)
        or any(name in owner.scope.names for name in _MAKING)
        or any(text in owner.module.text for text in _CHANGING)
        or any(isinstance(node, ast.Name) and node.id in _SETTING for node in _at_once(owner.node.body))
    )


def _at_once(body: list[ast.stmt]) -> list[ast.AST]:
    """What runs when the class is made."""
    plain = [item for item in body if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node for statement in plain for node in ast.walk(statement)]


def _is_abstract(node: FunctionNode, owner: ClassSymbol, resolver: NameResolver) -> bool:
    scopes = (*owner.outer, owner.scope)
    paths = [resolver.imported_path(owner.module, scopes, item) for item in node.decorator_list]
    return bool(paths) and paths[-1] in _ABSTRACT and _STAY_ABSTRACT.issuperset(paths[:-1])
