"""Find which variables of a script hold its config, or a part of it, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from serotiny.compiler.project.source_module import SourceModule
from serotiny.compiler.project_code.supplies import copied


def taking_config(module: SourceModule, tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str, bool]]:
    """The functions that are given the whole config: each with the variable that holds nothing else, and whether it is certainly called."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    mains = {id(call) for call in module.calls("main")}
    found = [
        (function, True)
        for function in functions.values()
        if any(id(item) in mains for item in function.decorator_list)
    ]
    seen = {function.name for function, _ in found}
    for function, is_reached in found:  # to which the loop appends
        config = function.args.args[0].arg if function.args.args else ""
        if not config or any(_is_set(config, node) for node in ast.walk(function)):
            continue
        yield function, config, is_reached
        certain = {id(node) for node in unconditional(function.body)}
        for name in functions.keys() - seen:
            calls = [*_calls_of(name, tree)]
            if _is_only_given(config, calls):
                seen.add(name)
                is_called = is_reached and any(id(call) in certain for call in calls)
                found.append((functions[name], is_called))


def aliases(config: str, function: ast.FunctionDef) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables that a function certainly sets to a part of the config, or a copy of one, and then only reads."""
    nodes = [*ast.walk(function)]
    parameters = {item.arg for item in nodes if isinstance(item, ast.arg)}
    known: dict[str, tuple[str, ...]] = {config: ()}
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
        is_set_once = sum(_is_set(name, item) for item in uses) == 1 and name not in parameters
        if keys and is_set_once and all(item.lineno >= node.lineno for item in uses):
            reads = sum(1 for item in nodes for holder in _read_by(item) if _is_variable(name, holder))
            if reads == len(uses) - 1:
                known[name] = keys
                yield name, keys


def keys_below(known: Mapping[str, tuple[str, ...]], node: ast.AST) -> tuple[str, ...] | None:
    """The keys of the part of a config that an expression reads, by those of its variable; None if it reads none."""
    match node:
        case ast.Name(id=name):
            return known.get(name)
        case (
            ast.Attribute(value=holder, attr=key)
            | ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
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
            case _:
                pass
        if any(isinstance(node, ast.Return | ast.Raise) for node in ast.walk(statement)):
            return


def is_changed(node: ast.AST) -> bool:
    """Whether a node sets or deletes an attribute or an item of something."""
    return isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)


def _calls_of(name: str, tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _is_only_given(config: str, calls: Sequence[ast.Call]) -> bool:
    """Whether some calls, one at least, all have a variable as their first argument."""
    return bool(calls) and all(
        call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == config for call in calls
    )


def _is_set(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _read_by(node: ast.AST) -> Iterator[ast.expr]:
    """What a node only reads of: `**value`, `dict(value)`, `value["key"]`, `value.get("key")`."""
    match node:
        case ast.keyword(arg=None, value=value) | ast.Subscript(value=value, ctx=ast.Load()):
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr="get")):
            yield value
        case ast.Call() if (original := copied(node)) is not node:
            yield original
        case _:
            pass


def _is_variable(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == name
