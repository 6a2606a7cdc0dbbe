"""The functions whose bodies run when a target is called."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned, Defined
from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol, parameter_names
from serotiny.targets.signatures.body.kwargs_flow import rest_use
from serotiny.targets.signatures.body.walked import runs_when_called
from serotiny.targets.signatures.decorators import keeps_signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serotiny.targets.modules.module import Module
    from serotiny.targets.modules.scope import Scope
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode, Symbol

FARTHEST: Final = 4
"""Through how many functions an argument is followed; beyond that it is seldom passed on unchanged."""


@dataclass(frozen=True)
class Called:
    """A function.

    Attributes:
        node: its definition.
        module: where it is.
        outer: the scopes around it.
        line: the method resolution order of the instance that it is a method of.
        owner: the class that defines it.
        given: those of its parameters that the keys of the target set; none of a function that code calls.
    """

    node: FunctionNode
    module: Module
    outer: tuple[Scope, ...]
    line: tuple[ClassSymbol, ...] = ()
    owner: ClassSymbol | None = None
    given: frozenset[str] = frozenset()


def called(symbol: Symbol, resolver: NameResolver) -> Iterator[Called]:
    """What calling a symbol certainly runs: a function, or its constructor and those that get its `**kwargs` as they are."""
    if isinstance(symbol, FunctionSymbol) and _runs_as_written(
        symbol.node, symbol.module, symbol.outer, resolver
    ):
        given = frozenset(parameter_names(symbol.node))
        yield Called(symbol.node, symbol.module, symbol.outer, given=given)
    if not isinstance(symbol, ClassSymbol):
        return
    line = tuple(resolver.linearise(symbol).classes)
    kept: set[str] = set()
    for owner in line:
        if not owner.scope.candidates("__init__"):
            continue
        node, outer = method_of(owner, "__init__"), (*owner.outer, owner.scope)
        if node is None or not _runs_as_written(node, owner.module, outer, resolver):
            return
        names = parameter_names(node)
        yield Called(node, owner.module, outer, line, owner, frozenset(names[1:]) - kept)
        if not _hands_rest_on(node):
            return
        kept.update(names, rest_use(node).taken)


def _runs_as_written(
    node: FunctionNode, module: Module, scopes: tuple[Scope, ...], resolver: NameResolver
) -> bool:
    """Whether a call runs the body, with what it is given: no decorator puts anything else in its place."""
    return runs_when_called(node) and all(
        keeps_signature(decorator, module, scopes, resolver) for decorator in node.decorator_list
    )


def _hands_rest_on(node: FunctionNode) -> bool:
    """Whether a constructor certainly passes its `**kwargs` to the next one, but for keys that it reads itself."""
    return node.args.kwarg is not None and any(
        handed.certain and ast.unparse(handed.call.func).startswith("super(")
        for handed in rest_use(node).handed
    )


def constructor_of(made: ClassSymbol, resolver: NameResolver) -> Called | None:
    """The `__init__` that alone makes the instances of a class; None where anything else may."""
    line = resolver.linearise(made)
    is_plain = line.has_all_source and not any(
        owner.node.decorator_list or owner.node.keywords for owner in line.classes
    )
    for owner in line.classes if is_plain else ():
        if owner.scope.candidates("__new__"):
            return None
        if owner.scope.candidates("__init__"):
            node = method_of(owner, "__init__")
            outer = (*owner.outer, owner.scope)
            return (
                None
                if node is None or node.decorator_list
                else Called(node, owner.module, outer, tuple(line.classes), owner)
            )
    return None


def maker_of(symbol: Symbol, resolver: NameResolver) -> Called | None:
    """The `__new__` that makes the instances of a class, where the class itself defines it."""
    node = method_of(symbol, "__new__") if isinstance(symbol, ClassSymbol) else None
    if node is None or not isinstance(symbol, ClassSymbol):
        return None
    line = tuple(resolver.linearise(symbol).classes)
    return Called(node, symbol.module, (*symbol.outer, symbol.scope), line, symbol)


def class_text(owner: ClassSymbol, name: str) -> str | None:
    """The text that a class body gives a name; None for anything else."""
    match owner.scope.candidates(name):
        case [Assigned(value=ast.Constant(value=str(text)))]:
            return text
        case _:
            return None


def method_of(owner: ClassSymbol, name: str) -> FunctionNode | None:
    """The method of a class, where it has one definition of it."""
    bound = owner.scope.candidates(name)
    if len(bound) != 1 or not isinstance(bound[0], Defined) or isinstance(bound[0].node, ast.ClassDef):
        return None
    return bound[0].node


def is_of_same_object(function: ast.expr) -> bool:
    """Whether what is called is a method of the object itself: `self.x`, `super().x`."""
    match function:
        case ast.Attribute(value=ast.Name(id="self") | ast.Call(func=ast.Name(id="super"), args=[])):
            return True
        case _:
            return False


def receiver(own: Called, call: ast.Call, resolver: NameResolver) -> Called | None:
    """The function that a call in `own` reaches, if it is a method of the same object, one of a base, or a plain function."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            candidates: Sequence[ClassSymbol] = own.line
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr=name):
            index = own.line.index(own.owner) if own.owner in own.line else len(own.line)
            candidates = own.line[index + 1 :]
        case ast.Name():
            found = resolver.alternatives(own.module, own.outer[:1], call.func)
            match found:
                case [FunctionSymbol(node=node, module=module, outer=outer)] if not node.decorator_list:
                    return Called(node, module, outer)
                case _:
                    return None  # which of several it is is known only at run time
        case _:
            return None
    for owner in candidates:
        if owner.attribute_writes[name]:
            return None
        if owner.scope.candidates(name):
            method = method_of(owner, name)
            outer = (*owner.outer, owner.scope)
            if method is None or method.decorator_list:
                return None
            return Called(method, owner.module, outer, own.line, owner)
    return None


def handed_on(call: ast.Call, function: Called) -> list[tuple[str, ast.expr]]:
    """Each parameter of a function that a call passes, with the expression that it gets; without `*args` and `**kwargs`."""
    names = parameter_names(function.node)[1 if function.owner is not None else 0 :]
    by_name = [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
    return [*zip(names, call.args, strict=False), *by_name]
