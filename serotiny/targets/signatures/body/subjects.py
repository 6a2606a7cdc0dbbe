"""The expressions in a body that stand for a parameter: its name, an attribute that stores it, `self.hparams`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Defined
from serotiny.targets.names.symbols import parameter_names
from serotiny.targets.signatures.body.frameworks import is_of_framework
from serotiny.targets.signatures.body.walked import names_any_of, rebound_names, stored_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.symbols import ClassSymbol, FunctionNode

_SETTING: Final = ("setattr", "__setattr__", "__dict__", "vars")
_NO_INSTANCE: Final = ("staticmethod", "classmethod")


@dataclass(frozen=True, slots=True)
class Body:
    """One function in which parameters are used.

    Attributes:
        node: the function.
        names: the text of an expression (`x`, `self.x`) → the parameter that it stands for.
        rebound: for each name that is assigned again, the last line of the first such statement.
        owner: the class of a method that reads what the constructor stored; None for the function itself.
    """

    node: FunctionNode
    names: dict[str, str]
    rebound: Mapping[str, int] = field(default_factory=dict)
    owner: ClassSymbol | None = None

    def subject(self, expression: ast.expr | None) -> str | None:
        """The parameter that an expression stands for."""
        if isinstance(expression, ast.Name):
            is_still = expression.lineno <= self.rebound.get(expression.id, expression.lineno)
            return self.names.get(expression.id) if is_still else None
        return self.names.get(ast.unparse(expression)) if isinstance(expression, ast.Attribute) else None


def bodies_of(
    node: FunctionNode, owner: ClassSymbol | None, line: Sequence[ClassSymbol] | None = None
) -> Iterator[Body]:
    """The function itself, then the methods that read what it stored.

    Args:
        node: the function.
        owner: the class that has it.
        line: the classes in the method resolution order of an instance; the owner alone unless given.
    """
    every = {name: name for name in parameter_names(node)}
    rebound = rebound_names(node)
    if owner is None or node.name not in ("__init__", "__post_init__", "__attrs_post_init__"):
        yield Body(node, every, rebound)
        return
    names = {name: name for name in every if name not in rebound}
    stored = attributes_of(node, names, owner)
    yield Body(node, every | {f"self.{attribute}": name for attribute, name in stored.items()}, rebound)
    if _saves_hyperparameters(node):
        stored |= {f"hparams.{name}": name for name in names}
    yield from _methods(line or [owner], stored, without=node)


def field_bodies_of(
    owner: ClassSymbol, names: Sequence[str], line: Sequence[ClassSymbol] | None = None
) -> Iterator[Body]:
    """The methods of a class whose constructor is generated: fields are read as attributes."""
    kept = {name: name for name in names if not owner.attribute_writes[name]}
    yield from _methods(line or [owner], kept, without=None)


def _methods(
    line: Sequence[ClassSymbol], stored: dict[str, str], without: FunctionNode | None
) -> Iterator[Body]:
    overridden: set[str] = set()
    for owner in line if stored else ():
        for name, bindings in owner.scope.names.items():
            for binding in bindings if name not in overridden else ():
                if not isinstance(binding, Defined) or isinstance(binding.node, ast.ClassDef):
                    continue
                first = _instance_name(binding.node)
                if binding.node is not without and first is not None:
                    names = {f"{first}.{attribute}": parameter for attribute, parameter in stored.items()}
                    yield Body(binding.node, names, owner=owner)
        overridden |= owner.scope.names.keys()


def _instance_name(node: FunctionNode) -> str | None:
    positional = [*node.args.posonlyargs, *node.args.args]
    static = any(ast.unparse(decorator) in _NO_INSTANCE for decorator in node.decorator_list)
    return positional[0].arg if positional and not static else None


def attributes_of(node: FunctionNode, names: dict[str, str], owner: ClassSymbol) -> dict[str, str]:
    """The attributes that store a parameter unchanged and are assigned only once; no properties, whose setters may convert."""
    found = {
        attribute: names[name]
        for attribute, name in stored_names(node)
        if name in names
        and owner.attribute_writes[attribute] == 1
        and not any(isinstance(bound, Defined) for bound in owner.scope.names.get(attribute, ()))
    }
    return {} if found and _may_set_any(node, owner) else found


def _may_set_any(node: FunctionNode, owner: ClassSymbol) -> bool:
    """Whether a class of others sets attributes by computed names, or its constructor gives the instance to other code."""
    if is_of_framework(owner):
        return False
    by_name = any(word in owner.module.text for word in _SETTING) and names_any_of(owner.node, _SETTING)
    instance = _instance_name(node)
    return by_name or any(_gives_away(statement, instance) for statement in node.body)


def _gives_away(statement: ast.stmt, instance: str | None) -> bool:
    """Whether a statement calls anything but the constructor of a base with the instance itself."""
    match statement:
        case ast.Expr(value=ast.Call(func=function, args=args)) if (
            not isinstance(function, ast.Attribute) or function.attr != "__init__"
        ):
            return any(isinstance(item, ast.Name) and item.id == instance for item in args)
        case _:
            return False


def _saves_hyperparameters(node: FunctionNode) -> bool:
    return any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr == "save_hyperparameters"
        for inner in ast.walk(node)
    )
