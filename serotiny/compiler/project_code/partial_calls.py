"""Find what a project's code passes to the partials that it makes of nodes: `make = instantiate(cfg.net); make(width=3)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from serotiny.compiler.project_code.supplies import (
    Supply,
    functions_of,
    is_instantiating,
    local_paths,
    nodes_held_by,
)


def partial_calls(tree: ast.Module) -> Iterator[Supply]:
    """The calls of a module of what it has instantiated a node to, with keyword arguments.

    It is a partial, which takes them in place of the node's own, where the node says so.
    """
    of_objects: dict[str, set[tuple[str, ...]]] = {}
    scopes = []
    for scope in functions_of(tree):
        nodes = list(ast.walk(scope))
        local = local_paths(nodes)
        made = dict(_made(nodes, local))
        of_objects |= {name: paths for name, paths in made.items() if "." in name}
        scopes.append((nodes, local, made))
    for nodes, local, made in scopes:
        for node in nodes:
            if not isinstance(node, ast.Call) or not node.keywords:
                continue
            paths = _nodes_made_by(node.func, local) or {**of_objects, **made}.get(_name(node.func), set())
            names = _passed(node, nodes) if paths else frozenset()
            if names:
                yield from (Supply(path, names, 0, is_open=False, is_call=True) for path in sorted(paths))


def _made(
    nodes: Sequence[ast.AST], local: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, set[tuple[str, ...]]]]:
    """The variables, and attributes of objects, that hold what is made of nodes."""
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                paths = _nodes_made_by(value, local)
                if paths and _name(target):
                    yield _name(target), paths
            case _:
                pass


def _nodes_made_by(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> set[tuple[str, ...]]:
    match expression:
        case ast.Call(func=called, args=[config, *_]) if is_instantiating(called):
            return nodes_held_by(config, local)
        case _:
            return set()


def _name(expression: ast.expr) -> str:
    """The variable, or the attribute of an object, that an expression is; empty for anything else."""
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
        case _:
            return ""


def _passed(call: ast.Call, nodes: Sequence[ast.AST]) -> frozenset[str]:
    """The keyword arguments of a call, those of a mapping among them that the function is seen to fill."""
    names = {item.arg for item in call.keywords if item.arg is not None}
    for item in call.keywords:
        if item.arg is None and isinstance(item.value, ast.Name):
            names |= {key for key in _keys_of(item.value.id, nodes) if isinstance(key, str)}
    return frozenset(names)


def _keys_of(variable: str, nodes: Sequence[ast.AST]) -> Iterator[object]:
    """The keys that a function is seen to put into a mapping that one of its variables holds."""
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys))
                | ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="update"), args=[ast.Dict(keys=keys)]
                )
            ) if name == variable:
                yield from (key.value for key in keys if isinstance(key, ast.Constant))
            case (
                ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="dict"), keywords=items)
                )
                | ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="update"), args=[], keywords=items
                )
            ) if name == variable:
                yield from (item.arg for item in items)
            case ast.Subscript(
                value=ast.Name(id=name), slice=ast.Constant(value=str(key)), ctx=ast.Store()
            ) if name == variable:
                yield key
            case _:
                pass
