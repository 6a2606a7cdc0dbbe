"""What a statement or a function holds, found by one walk through its syntax tree and kept.

The same constructors are read for many classes, and each of their statements for many facts.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.statements import attributes_assigned_in, statements_of
from serotiny.targets.modules.written_names import last_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from serotiny.targets.names.symbols import FunctionNode

KEPT: Final = 16_384
"""Statements, or functions, whose facts are kept; a tree lives on as long as they are."""


@lru_cache(KEPT)
def may_return(statement: ast.stmt) -> bool:
    """Whether a statement holds a `return`."""
    return any(isinstance(inner, ast.Return) for inner in statements_of(statement))


@lru_cache(KEPT)
def may_leave(statement: ast.stmt) -> bool:
    """Whether a statement may end what stands around it, a function or a loop, without a failure."""
    match statement:
        case ast.Return() | ast.Break() | ast.Continue():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return False
        case ast.For() | ast.AsyncFor() | ast.While():
            return may_return(statement) or any(map(may_leave, statement.orelse))
        case _:
            return any(isinstance(inner, ast.stmt) and may_leave(inner) for inner in _parts_of(statement))


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether what follows some statements is certainly not reached."""
    return any(isinstance(statement, ast.Return | ast.Raise) for statement in body)


@lru_cache(KEPT)
def runs_when_called(node: FunctionNode) -> bool:
    """Whether a call runs the body: that of a generator, or a coroutine, runs later."""
    if isinstance(node, ast.AsyncFunctionDef):
        return False
    rest: list[ast.AST] = [*node.body]
    while rest:
        inner = rest.pop()
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return False
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            rest += ast.iter_child_nodes(inner)
    return True


def names_any_of(tree: ast.AST, words: Collection[str]) -> bool:
    """Whether one of some words is a name or an attribute in a syntax tree."""
    return any(
        (isinstance(inner, ast.Name) and inner.id in words)
        or (isinstance(inner, ast.Attribute) and inner.attr in words)
        for inner in ast.walk(tree)
    )


_SUPPRESSING: Final = frozenset({"suppress", "raises"})


def may_suppress(context: ast.expr) -> bool:
    """Whether a failure within `with` may be caught."""
    return isinstance(context, ast.Call) and last_name(context.func) in _SUPPRESSING


@lru_cache(KEPT)
def names_set_by(tree: ast.AST) -> tuple[str, ...]:
    """The names that a statement, or a module, binds or deletes, each as often as it does."""
    found: list[str] = []
    for inner in ast.walk(tree):
        match inner:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.append(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
            case ast.alias(name=name, asname=alias):
                found.append(alias or name.partition(".")[0])
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                found.append(name)
            case ast.MatchMapping(rest=str(name)):
                found.append(name)
            case _:
                pass
    return tuple(found)


@lru_cache(KEPT)
def attributes_set_by(statement: ast.AST) -> Mapping[str, int]:
    """The attributes of `self` that a statement, or a function, assigns or deletes, and how often."""
    return Counter(
        attribute.attr
        for attribute in attributes_assigned_in(statement)
        if isinstance(attribute.value, ast.Name) and attribute.value.id == "self"
    )


MUTATING: Final = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop"}
    | {"popitem", "remove", "reverse", "setdefault", "sort", "update"}
)
"""Methods that change a container in place."""


@lru_cache(KEPT)
def changed_by(tree: ast.AST) -> tuple[ast.expr, ...]:
    """The expressions of containers that a statement changes in place."""
    found: list[ast.expr] = []
    for inner in ast.walk(tree):
        match inner:
            case ast.Call(func=ast.Attribute(value=changed, attr=method)) if method in MUTATING:
                found.append(changed)
            case ast.Subscript(value=changed, ctx=ast.Store() | ast.Del()) | ast.AugAssign(target=changed):
                found.append(changed)
            case _:
                pass
    return tuple(found)


@lru_cache(KEPT)
def calls_in(tree: ast.AST) -> tuple[ast.Call, ...]:
    """The calls that a statement, or an expression, holds."""
    return tuple(inner for inner in ast.walk(tree) if isinstance(inner, ast.Call))


@lru_cache(KEPT)
def rebound_names(node: FunctionNode) -> Mapping[str, int]:
    """The line after which each name that a function assigns no longer stands for the parameter."""
    found: dict[str, int] = {}
    for statement in ast.walk(node):
        if not isinstance(statement, ast.stmt) or statement is node:
            continue
        simple = isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)
        # `x = x or {}` still reads the old value on its right
        line = (statement.end_lineno or statement.lineno) if simple else statement.lineno
        for inner in ast.iter_child_nodes(statement):
            for name in ast.walk(inner) if isinstance(inner, ast.expr) else ():
                if isinstance(name, ast.Name) and not isinstance(name.ctx, ast.Load):
                    found[name.id] = min(line, found.get(name.id, line))
    return found


@lru_cache(KEPT)
def stored_names(node: FunctionNode) -> tuple[tuple[str, str], ...]:
    """Each attribute of `self` that a function sets to a plain name, with the name."""
    found: list[tuple[str, str]] = []
    for statement in statements_of(node):
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)],
                    value=ast.Name(id=name),
                )
                | ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=attribute), value=ast.Name(id=name)
                )
            ):
                found.append((attribute, name))
            case _:
                pass
    return tuple(found)


def _parts_of(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a statement is made of, with the statements in the branches of `try` and `match`."""
    for child in ast.iter_child_nodes(statement):
        yield from child.body if isinstance(child, ast.ExceptHandler | ast.match_case) else (child,)
