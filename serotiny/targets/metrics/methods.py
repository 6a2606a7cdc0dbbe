"""The methods of a class and its bases, and the arguments with which they call one another."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Assigned, Defined
from serotiny.targets.names.symbols import default_of, parameter_names

if TYPE_CHECKING:
    from serotiny.targets.names.symbols import ClassSymbol, FunctionNode


@dataclass(frozen=True, eq=False)
class Method:
    """One method's definition; `nodes` is everything in its body, nested functions included."""

    name: str
    owner: ClassSymbol
    node: FunctionNode
    nodes: tuple[ast.AST, ...] = field(repr=False)

    @property
    def self_name(self) -> str | None:
        """The name of its instance parameter; None for a static or class method."""
        decorators = {ast.unparse(decorator) for decorator in self.node.decorator_list}
        positional = [*self.node.args.posonlyargs, *self.node.args.args]
        if decorators & {"staticmethod", "classmethod"} or not positional:
            return None
        return positional[0].arg


class Methods:
    """All methods of some classes, overridden ones included since `super()` reaches them.

    Args:
        classes: a class and those of its bases whose methods matter.
        called_by_others: names of methods that other code calls, with unknown arguments.
        left_out: whether a method of this name is as good as not there.
    """

    def __init__(
        self,
        classes: Sequence[ClassSymbol],
        called_by_others: frozenset[str],
        left_out: Callable[[str], object] | None = None,
    ) -> None:
        found = _methods(classes)
        self.all = tuple(method for method in found if left_out is None or not left_out(method.name))
        self._called_by_others = called_by_others
        self._passed_on = {name for method in self.all for name in _passed_on(method)}

    def values(self, name: str, method: Method) -> list[tuple[ast.expr | None, Method]]:
        """The expressions that a variable of a method may stand for, each with its method; None for an unknown one."""
        if _is_bound_inside(name, method):
            return [(None, method)]
        assigned = [(value, method) for value in _assigned(name, method)]
        if name not in parameter_names(method.node):
            # not bound in the method: a constant of the module, if anything
            return assigned or [(_constant(name, method.owner), method)]
        return [*assigned, *self._arguments(name, method)]

    def _arguments(self, name: str, method: Method) -> list[tuple[ast.expr | None, Method]]:
        called_elsewhere = method.name in self._called_by_others or method.name in self._passed_on
        if called_elsewhere or method.self_name is None:
            return [(None, method)]
        calls = [(call, caller) for caller in self.all for call in _calls_of(method.name, caller)]
        found = [(_argument(call, name, method.node), caller) for call, caller in calls]
        return [(value, caller if passed else method) for (value, passed), caller in found] or [
            (None, method)
        ]


def _methods(classes: Sequence[ClassSymbol]) -> Iterator[Method]:
    for owner in classes:
        for name, bindings in owner.scope.names.items():
            for binding in bindings:
                if isinstance(binding, Defined) and not isinstance(binding.node, ast.ClassDef):
                    node = binding.node
                    inside = [item for statement in node.body for item in ast.walk(statement)]
                    yield Method(name, owner, node, tuple(inside))


def _calls_of(name: str, caller: Method) -> Iterator[ast.Call]:
    """The calls `self.NAME(…)` and `super().NAME(…)` in a method."""
    for node in caller.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=other)) if other == name:
                if is_self(value, caller) or is_super(value):
                    yield node
            case _:
                pass


def _argument(call: ast.Call, name: str, node: FunctionNode) -> tuple[ast.expr | None, bool]:
    """What a call passes for a parameter, and whether it passes it at all (else it is the default)."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value, True
    positional = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)][1:]
    if name in positional:
        index = positional.index(name)
        if any(isinstance(arg, ast.Starred) for arg in call.args[: index + 1]):
            return None, True
        if index < len(call.args):
            return call.args[index], True
    if any(keyword.arg is None for keyword in call.keywords):
        return None, True
    return default_of(node, name), False


def _assigned(name: str, method: Method) -> Iterator[ast.expr | None]:
    """What a method's statements bind a name to."""
    for node in method.nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield value
                    elif not isinstance(target, ast.Name) and _stores(target, name):
                        yield None
            case ast.AnnAssign(target=ast.Name(id=other), value=ast.expr() as value) if other == name:
                yield value
            case ast.AugAssign(target=ast.Name(id=other), op=op) if other == name:
                # `metrics |= …` adds keys, which `StringValues` finds by itself
                if not isinstance(op, ast.BitOr):
                    yield None
            case ast.NamedExpr(target=ast.Name(id=other), value=value) if other == name:
                yield value
            case ast.For(target=ast.Name(id=other), iter=ast.Tuple(elts=items) | ast.List(elts=items)):
                if other == name:
                    yield from items
            case ast.For(target=target) | ast.AsyncFor(target=target) | ast.comprehension(target=target):
                if _stores(target, name):
                    yield None
            case ast.withitem(optional_vars=ast.expr() as target):
                if _stores(target, name):
                    yield None
            case ast.ExceptHandler(name=other) if other == name:
                yield None
            case _:
                pass


def _stores(target: ast.expr, name: str) -> bool:
    """Whether a target binds the name itself, rather than an item or attribute of it."""
    match target:
        case ast.Name(id=other):
            return other == name
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return any(_stores(item, name) for item in items)
        case ast.Starred(value=inner):
            return _stores(inner, name)
        case _:
            return False


def _is_bound_inside(name: str, method: Method) -> bool:
    """Whether a function inside a method has a parameter of that name."""
    inner = (node for node in method.nodes if isinstance(node, ast.arguments))
    return any(name == arg.arg for node in inner for arg in (*node.posonlyargs, *node.args, *node.kwonlyargs))


def _constant(name: str, owner: ClassSymbol) -> ast.expr | None:
    """The constant that the module assigns to a name, if that is its only assignment."""
    bindings = owner.module.scope.names.get(name, [])
    if len(bindings) == 1 and isinstance(bindings[0], Assigned):
        value = bindings[0].value
        return value if isinstance(value, ast.Constant | ast.JoinedStr) else None
    return None


def _passed_on(method: Method) -> set[str]:
    """The attributes that a method reads without calling them, so that other code may call them."""
    called = {id(node.func) for node in method.nodes if isinstance(node, ast.Call)}
    return {node.attr for node in method.nodes if isinstance(node, ast.Attribute) and id(node) not in called}


def is_self(node: ast.AST, method: Method) -> bool:
    """Whether an expression is the instance itself."""
    return isinstance(node, ast.Name) and node.id == method.self_name


def is_super(node: ast.AST) -> bool:
    """Whether an expression is a call of `super`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
