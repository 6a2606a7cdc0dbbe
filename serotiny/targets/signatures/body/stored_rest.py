"""Where the `**kwargs` of a constructor goes that keeps it: `self.options = kwargs`, and later `**self.options`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import FunctionSymbol
from serotiny.targets.signatures.body.frameworks import is_of_framework, own_classes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.names.mro import Linearisation


_READS_ALL: Final = frozenset({"vars", "locals", "exec", "eval", "__dict__", "save_hyperparameters"})
"""Through these any attribute, or any argument of the constructor, may be read."""


def calls_with(attribute: str, line: Linearisation) -> list[tuple[FunctionSymbol, ast.Call]] | None:
    """The calls in methods that get `**self.attribute`; None where it may be used in another way too.

    What other modules do with the attribute is not looked at.

    Args:
        attribute: an attribute that the constructor sets to its `**kwargs`, once.
        line: the method resolution order of the class of the instance.
    """
    if not line.has_all_source:
        return None
    found: list[tuple[FunctionSymbol, ast.Call]] = []
    stores = 0
    for owner in line.classes:
        if is_of_framework(owner):
            if any(node.attr == attribute and _is_self(node.value) for node in _attributes(owner.node)):
                return None
            continue
        for method in owner.node.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                symbol = FunctionSymbol(
                    module=owner.module,
                    node=method,
                    qualified_name=f"{owner.qualified_name}.{method.name}",
                    outer=(*owner.outer, owner.scope),
                    owner=owner,
                )
                calls = [call for call in ast.walk(method) if _gets(call, attribute)]
                found += [(symbol, call) for call in calls if isinstance(call, ast.Call)]
        stores += owner.attribute_writes[attribute]
    mentions = 0
    own = own_classes(line)
    inside = {id(node) for owner in own for node in _attributes(owner.node)}
    for module in {owner.module for owner in own}:
        for node in ast.walk(module.tree or ast.Module([], [])):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) if name in _READS_ALL:
                    return None
                case ast.Attribute(attr=name, value=value) if name == attribute:
                    # the `self` of another class is another object
                    mentions += id(node) in inside or not _is_self(value)
                case ast.Constant(value=text) if text == attribute:
                    return None
                case _:
                    pass
    return found if found and stores == 1 and mentions == len(found) + stores else None


def _attributes(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute))


def _is_self(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Name) and expression.id == "self"


def _gets(node: ast.AST, attribute: str) -> bool:
    """Whether a node is a call that gets `**self.attribute`, once."""
    return isinstance(node, ast.Call) and any(
        key.arg is None
        and isinstance(key.value, ast.Attribute)
        and key.value.attr == attribute
        and _is_self(key.value.value)
        for key in node.keywords
    )
