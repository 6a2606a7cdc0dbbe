"""Whether every instance of a Lightning class has a literal as an attribute, from when it is made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned, Branch, Defined
from serotiny.targets.signatures.body.frameworks import own_classes
from serotiny.targets.signatures.body.walked import names_any_of

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol

_SETTING: Final = ("setattr", "__dict__", "__setattr__", "exec")


def is_always(symbol: ClassSymbol, name: str, value: object, resolver: NameResolver) -> bool:
    """Whether an attribute is certainly a constant: its one assignment is of that, and always runs.

    It stands in the body of the class or of a base, or as a statement of an `__init__` that is called.
    """
    line = resolver.linearise(symbol)
    if not line.has_all_source:
        return False
    own = own_classes(line)
    in_bodies = [(owner, bound) for owner in own for bound in owner.scope.candidates(name)]
    writes = sum(owner.attribute_writes[name] for owner in own)
    if any(owner.node.decorator_list or names_any_of(owner.node, _SETTING) for owner in own):
        return False
    if in_bodies and not writes:
        first = in_bodies[0][1]
        return isinstance(first, Assigned) and first.branch is Branch.ALWAYS and _is(first.value, value)
    if in_bodies or writes != 1:
        return False
    for owner in own:
        made = owner.scope.candidates("__init__")
        if not made:
            continue
        if len(made) > 1 or not isinstance(made[0], Defined) or made[0].branch is not Branch.ALWAYS:
            return False
        body = made[0].node.body
        if owner.attribute_writes[name]:
            return any(_sets(statement, name, value) for statement in body)
        if not any(_calls_base(statement) for statement in body):
            return False
    return False


def _sets(statement: ast.stmt, name: str, value: object) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)], value=given):
            return attribute == name and _is(given, value)
        case _:
            return False


def _calls_base(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(
            ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr="__init__"))
        ):
            return True
        case _:
            return False


def _is(expression: ast.expr | None, value: object) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is value
