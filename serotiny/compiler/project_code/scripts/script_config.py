"""Find which variables of a script hold its config, or a part of it, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from serotiny.compiler.project_code.supplies import copied

Held: TypeAlias = dict[str, tuple[str, ...]]
"""The keys of the part of a config that each variable holds, and each attribute of an object, as in `self.cfg`."""


def aliases(held: Mapping[str, tuple[str, ...]], function: ast.FunctionDef, *, is_untouched: bool) -> Held:
    """The variables that a function certainly sets to a part of the config, or a copy of one, and then does not change.

    Args:
        held: what its parameters hold.
        function: the function.
        is_untouched: leave out those that anything else is given, which may change what is in them.
    """
    nodes = [*ast.walk(function)]
    parameters = {item.arg for item in nodes if isinstance(item, ast.arg)}
    methods = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    read = {id(holder) for node in nodes if id(node) not in methods for holder in _read_by(node)}
    holders = {id(node.value) for node in nodes if isinstance(node, ast.Attribute | ast.Subscript)}
    known = dict(held)
    for node in unconditional(function.body):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                keys = keys_below(known, copied(value))
            case _:
                continue
        uses = [item for item in nodes if isinstance(item, ast.Name) and item.id == name]
        is_set_once = sum(is_set(name, item) for item in uses) == 1 and name not in parameters
        if keys and is_set_once and all(item.lineno >= node.lineno for item in uses):
            others = [item for item in uses if not (id(item) in read or is_set(name, item))]
            if not others or not (is_untouched or any(id(item) in holders for item in others)):
                known[name] = keys
    return known


def keys_below(known: Mapping[str, tuple[str, ...]], node: ast.AST) -> tuple[str, ...] | None:
    """The keys of the part of a config that an expression reads, by those of its variable; None if it reads none."""
    match node:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return known.get(f"self.{name}")
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr="hparams"), attr=name) if (
            f"self.hparams.{name}" in known
        ):
            return known[f"self.hparams.{name}"]
        case (
            ast.Attribute(value=holder, attr=key)
            | ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
            | ast.Call(func=ast.Attribute(value=holder, attr="get"), args=[ast.Constant(value=str(key)), *_])
        ):
            above = keys_below(known, holder)
            return None if above is None else (*above, key)
        case _:
            return None


def unconditional(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of the statements that run whatever happens, up to one that may end the function."""
    for statement in body:
        match statement:
            case ast.With(body=inner):
                yield from unconditional(inner)
            case ast.Assign() | ast.AnnAssign() | ast.Expr() | ast.Return():
                yield from ast.walk(statement)
            case ast.If(test=first) | ast.For(iter=first):
                yield from ast.walk(first)
            case _:
                pass
        if any(map(_may_end, ast.walk(statement))):
            return


def evaluated(body: Sequence[ast.stmt]) -> set[int]:
    """The ids of the nodes of a function that are evaluated whatever happens."""
    nodes = [*unconditional(body)]
    return {id(node) for node in nodes} - {id(inner) for node in nodes for inner in _perhaps_evaluated(node)}


def on_condition(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Module) -> set[int]:
    """The ids of the nodes of a function that are evaluated only where a condition holds, as far as is seen.

    What is behind a `raise` is not: a job that raises has failed already.
    """
    found: set[int] = set()
    for node in ast.walk(function):
        match node:
            case ast.If() | ast.IfExp() | ast.While():
                parts = [item for item in ast.iter_child_nodes(node) if item is not node.test]
            case ast.Try() | ast.Match() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                parts = [node]
            case ast.BoolOp(values=[_, *others]):
                parts = [*others]
            case _:
                continue
        found.update(id(inner) for part in parts for inner in ast.walk(part))
    ends = (at for at, item in enumerate(function.body) if any(map(_may_leave, ast.walk(item))))
    after = function.body[next(ends, len(function.body)) + 1 :]
    return found | {id(inner) for statement in after for inner in ast.walk(statement)}


def is_changed(node: ast.AST) -> bool:
    """Whether a node sets or deletes an attribute or an item of something other than the object of a method."""
    match node:
        case ast.Attribute(value=ast.Name(id="self")):
            return False
        case ast.Attribute(ctx=context) | ast.Subscript(ctx=context):
            return not isinstance(context, ast.Load)
        case _:
            return False


def is_set(name: str, node: ast.AST) -> bool:
    """Whether a node sets or deletes a variable."""
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


_ENDING: Final = frozenset({"exit", "quit", "_exit", "abort"})


def _may_end(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) or _may_leave(node)


def _may_leave(node: ast.AST) -> bool:
    match node:
        case ast.Return():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _ENDING
        case _:
            return False


def _perhaps_evaluated(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            parts: list[ast.AST] = [body, orelse]
        case ast.BoolOp(values=[_, *others]):
            parts = [*others]
        case ast.Lambda(body=body):
            parts = [body]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            parts = [node]
        case _:
            parts = []
    return (inner for part in parts for inner in ast.walk(part))


def _read_by(node: ast.AST) -> Iterator[ast.expr]:
    """What a node only reads of: `**value`, `dict(value)`, `value.key`, `value["key"]`, `value.get("key")`."""
    match node:
        case (
            ast.keyword(arg=None, value=value)
            | ast.Attribute(value=value, ctx=ast.Load())
            | ast.Subscript(value=value, ctx=ast.Load())
        ):
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr="get" | "keys" | "items" | "values")):
            yield value
        case ast.Call() if (original := copied(node)) is not node:
            yield original
        case _:
            pass
