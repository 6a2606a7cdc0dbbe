"""Classes with a base that is not there."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Branch, Imported
from serotiny.targets.names.broken_at import broken_at
from serotiny.targets.names.symbols import MissingName, ModuleSymbol
from serotiny.targets.signature import TargetNotFound

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.signature import BrokenModule


def missing_base(module: Module, resolver: NameResolver) -> BrokenModule | None:
    """The first base that certainly does not exist, of the classes at the top level of a module."""
    for statement in module.tree.body if module.tree is not None else ():
        for base in statement.bases if isinstance(statement, ast.ClassDef) else ():
            expression = base.value if isinstance(base, ast.Subscript) else base
            found = _imported(expression, module, resolver)
            if isinstance(found, MissingName) and not _may_be_set(found.missing, module):
                names = TargetNotFound(path=found.path, found=found.found, missing=found.missing)
                return broken_at(base, module, names.headline(), found.missing, found.candidates)
    return None


def _imported(expression: ast.expr, module: Module, resolver: NameResolver) -> Symbol | None:
    """What a dotted name stands for that an import of its module certainly binds, and that leads through modules alone."""
    match expression:
        case ast.Name(id=name):
            match module.scope.names.get(name, []):
                case [Imported(branch=Branch.ALWAYS) as bound]:
                    origin = resolver.tree.module(module.absolute(bound.module, bound.level))
                case _:
                    return None
            if origin is None or bound.name is None:
                return None if origin is None else ModuleSymbol(origin)
            found = resolver.module_member(origin, bound.name)
        case ast.Attribute(value=value, attr=name):
            owner = _imported(value, module, resolver)
            if not isinstance(owner, ModuleSymbol):
                return owner if isinstance(owner, MissingName) else None
            found = resolver.member(owner, name)
        case _:
            return None
    return found[0] if len(found) == 1 else None


def _may_be_set(name: str, module: Module) -> bool:
    """Whether the module itself may give the name to another one."""
    return re.search(rf"\.{name}\s*=[^=]|\bsetattr\b", module.text) is not None
