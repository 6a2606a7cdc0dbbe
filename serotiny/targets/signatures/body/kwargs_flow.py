"""What a function body does with its `*args` and `**kwargs`, read from its syntax tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from serotiny.targets.signatures.body.walked import KEPT, may_return

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.names.symbols import FunctionNode


@dataclass(frozen=True, slots=True)
class Handed:
    """A call that `**kwargs` is passed on to.

    Attributes:
        call: the call.
        certain: it happens whenever the function is called, and the keys reach it unchanged.
    """

    call: ast.Call
    certain: bool


@dataclass(slots=True)
class RestUse:
    """What a body does with `**kwargs`.

    Attributes:
        handed: the calls that it is passed on to.
        taken: the keys that the body itself reads, with the defaults that it gives them.
        rejected: the body raises an error when keys are left.
        stored: the attributes of `self` that are set to it.
        escaped: it is looped over or passed on as a mapping, so that any key may be used.
    """

    handed: list[Handed] = field(default_factory=list)
    taken: dict[str, ast.expr | None] = field(default_factory=dict)
    rejected: bool = False
    stored: list[str] = field(default_factory=list)
    escaped: bool = False


_READS: Final = frozenset(
    {"bool", "len", "sorted", "set", "list", "tuple", "iter", "any", "str", "repr", "print"}
)
_CATCHING: Final = frozenset({"TypeError", "Exception", "BaseException"})
_TAKES: Final = frozenset({"pop", "get", "setdefault"})


@lru_cache(KEPT)
def rest_use(node: FunctionNode) -> RestUse:
    """Follow the `**kwargs` of a function through its body, once."""
    assert node.args.kwarg is not None
    names = _aliases(node, node.args.kwarg.arg)
    use = RestUse()
    changed = len(names) > 1 or _is_reassigned(node, names)
    _Reader(names, use, changed).read(node.body, certain=True)
    return use


def _aliases(node: FunctionNode, name: str) -> set[str]:
    """The local names that hold the same keys: `options = {**kwargs}`, `options = kwargs.copy()`."""
    assigned: list[tuple[str, ast.expr]] = []
    for inner in ast.walk(node):
        match inner:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                assigned.append((target, value))
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                assigned.append((target, value))
            case _:
                pass
    names = {name}
    # three levels of copies are followed
    for _ in range(3):
        names |= {target for target, value in assigned if _copies(value, names)}
    return names


def _copies(value: ast.expr, names: set[str]) -> bool:
    match value:
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Name(id="dict"), args=args, keywords=keywords):
            return any(
                _is_any(item, names) for item in [*args, *(key.value for key in keywords if not key.arg)]
            )
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="copy")):
            return name in names
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return any(key is None and _is_any(item, names) for key, item in pairs)
        case _:
            return False


def _is_any(expression: ast.expr, names: set[str]) -> bool:
    return isinstance(expression, ast.Name) and expression.id in names


def _is_reassigned(node: FunctionNode, names: set[str]) -> bool:
    return any(
        isinstance(inner, ast.Name) and inner.id in names and isinstance(inner.ctx, ast.Store)
        for inner in ast.walk(node)
    )


class _Reader:
    """Walks a body and sorts every mention of the tracked names into a `RestUse`."""

    def __init__(self, names: set[str], use: RestUse, changed: bool) -> None:
        self._names = names
        self._use = use
        self._changed = changed

    def read(self, body: list[ast.stmt], certain: bool) -> None:
        for statement in body:
            self._statement(statement, certain)
            # after an early return nothing is certain any more
            certain = certain and not may_return(statement)

    def _statement(self, statement: ast.stmt, certain: bool) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target in self._names and _copies(
                value, self._names
            ):
                self._expressions(statement, certain, own=(value,))
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if (
                target in self._names and _copies(value, self._names)
            ):
                self._expressions(statement, certain, own=(value,))
            case (
                ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)],
                    value=ast.expr() as value,
                )
                | ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=attribute), value=ast.expr() as value
                )
            ) if _copies(value, self._names):
                self._use.stored.append(attribute)
            case ast.If(test=test, body=body, orelse=orelse):
                if self._is_left_over(test) and any(isinstance(inner, ast.Raise) for inner in body):
                    self._use.rejected = True
                    return
                self._expression(test, certain)
                self.read(body, certain=False)
                self.read(orelse, certain=False)
            case ast.Assert(test=test) if self._is_left_over(test):
                self._use.rejected = True
            # showing the keys in an error message does not use them
            case ast.Raise():
                pass
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self._expression(item.context_expr, certain)
                self.read(body, certain)
            case ast.Delete(targets=targets):
                self._delete(targets)
            case ast.Try(body=body, handlers=handlers) if any(map(_catches_wrong_keys, handlers)):
                handed = len(self._use.handed)
                self._compound(statement, certain)
                self._use.escaped |= len(self._use.handed) > handed
            case _ if any(_is_body(value) for _, value in ast.iter_fields(statement)):
                self._compound(statement, certain)
            case _:
                self._expressions(statement, certain)

    def _compound(self, statement: ast.stmt, certain: bool) -> None:
        """A statement with bodies, none of which is sure to run."""
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self._expression(child, certain)
            elif isinstance(child, ast.ExceptHandler):
                self.read(child.body, certain=False)
        for _, value in ast.iter_fields(statement):
            if _is_body(value):
                self.read(value, certain=False)

    def _delete(self, targets: list[ast.expr]) -> None:
        for target in targets:
            match target:
                case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if (
                    name in self._names
                ):
                    self._use.taken.setdefault(key, None)
                case ast.Subscript(value=ast.Name(id=name)) if name in self._names:
                    self._use.escaped = True
                case _:
                    pass

    def _expressions(self, statement: ast.stmt, certain: bool, own: tuple[ast.expr, ...] = ()) -> None:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr) and child not in own:
                self._expression(child, certain)

    def _expression(self, expression: ast.expr, certain: bool) -> None:
        for node, parent in _with_parents(expression):
            if isinstance(node, ast.Call):
                if any(key.arg is None and _is_any(key.value, self._names) for key in node.keywords):
                    is_certain = certain and not self._changed and _is_evaluated(expression, node)
                    self._use.handed.append(Handed(node, is_certain))
                self._take(node)
            elif isinstance(node, ast.Name) and node.id in self._names:
                self._mention(node, parent)

    def _take(self, call: ast.Call) -> None:
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr=method),
                args=[ast.Constant(value=str(key)), *rest],
            ) if name in self._names and method in _TAKES:
                # `pop` without a default requires the key, `get` returns None
                fallback = rest[0] if rest else (ast.Constant(None) if method != "pop" else None)
                self._use.taken.setdefault(key, fallback)
                self._changed |= method == "setdefault"
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                name in self._names and method in _TAKES
            ):
                self._use.escaped = True  # keys by names that are computed
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update")) if name in self._names:
                self._changed = True
            case _:
                pass

    def _mention(self, name: ast.Name, parent: ast.AST | None) -> None:
        match parent:
            case ast.keyword(arg=None):
                pass
            case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=ast.Load()):
                self._use.taken.setdefault(key, None)
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                self._changed = True
            case ast.Attribute(attr=attribute) if attribute in {*_TAKES, "update", "copy", "keys"}:
                pass
            case ast.Compare(comparators=[ast.Name(id=compared)], left=ast.Constant(value=str(key))) if (
                compared == name.id
            ):
                pass
            # tests or prints the keys
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp() | ast.FormattedValue() | ast.comprehension():
                pass
            case ast.Call(func=ast.Name(id=function)) if function in _READS:
                pass
            case None if not isinstance(name.ctx, ast.Load):
                pass
            case _:
                self._use.escaped = True

    def _is_left_over(self, test: ast.expr) -> bool:
        """Whether a condition asks if any key is left: `if kwargs:`, `bool(kwargs)`, `assert not kwargs`."""
        match test:
            case ast.Name(id=name):
                return name in self._names
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._is_left_over(operand)
            case ast.BoolOp(values=values):
                return any(self._is_left_over(value) for value in values)
            case ast.Call(func=ast.Name(id="bool" | "len"), args=[argument]):
                return self._is_left_over(argument)
            case ast.Compare(left=ast.Call(func=ast.Name(id="len")) as left):
                return self._is_left_over(left)
            case _:
                return False


def _catches_wrong_keys(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches the `TypeError` of a call with an unknown key."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(item is None or (isinstance(item, ast.Name) and item.id in _CATCHING) for item in caught)


def _is_body(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], ast.stmt)


def _is_evaluated(expression: ast.expr, part: ast.AST) -> bool:
    """Whether a part of an expression is evaluated whenever the expression is."""
    optional: list[ast.AST] = []
    for node in ast.walk(expression):
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                optional += [body, orelse]
            case ast.BoolOp(values=values):
                optional += values[1:]
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                optional.append(node)
            case _:
                pass
    return not any(inner is part for node in optional for inner in ast.walk(node))


def _with_parents(expression: ast.expr) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    stack: list[tuple[ast.AST, ast.AST | None]] = [(expression, None)]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        stack.extend((child, node) for child in reversed(list(ast.iter_child_nodes(node))))
