"""Find nodes of which a project's code reads only the `_target_`, so that its signature cannot be checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from serotiny.compiler.project_code.supplies import config_path, functions_of, local_paths

TARGET: Final = "_target_"
"""A text that every module contains that reads the target of a node."""

_LOADING: Final = re.compile(
    r"_?(?:get|load|import|find|resolve)_(?:class|cls|method|object|obj|func|function|attr|string|target|type)"
    r"(?:_from_\w+)?|_?locate"
)
"""Names of functions that load an object by its dotted path."""

_ASKING: Final = frozenset({"signature", "getfullargspec"})
"""Functions of `inspect` that tell which parameters something takes."""


def called_by_code(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """The key paths, from the end, of nodes whose target a module loads or puts into a node that it makes.

    The path of the whole config is empty.

    `get_class(cfg.model._target_)` and `instantiate({"_target_": cfg.model._target_, …})` are found; code that
    only compares or prints the text is not.
    """
    for scope in functions_of(tree):
        yield from _called_in(scope)


def called_with_some_keys(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """As `called_by_code`, without the nodes of which a class that is loaded gets all keys, or whose weights it only loads.

    `get_class(cfg.model._target_)(**cfg.model)` fails for a key that the class does not take.
    """
    for scope in functions_of(tree):
        in_full = set(_called_in_full(scope))
        yield from (path for path in _called_in(scope) if path not in in_full)


def _called_in_full(scope: ast.AST) -> Iterator[tuple[str, ...]]:
    nodes = list(ast.walk(scope))
    local = local_paths(nodes)
    loaded: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                for path in _loaded_by(call, local):
                    loaded[name] = path
            case _:
                pass
    used: dict[str, set[ast.expr]] = {name: set() for name in loaded}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in loaded:
                if _spreads(keywords, loaded[name], local):
                    used[name].add(node.func)
            case ast.Attribute(value=ast.Name(id=name) as value, attr="load_from_checkpoint") if (
                name in loaded
            ):
                used[name].add(value)
            case ast.Call(func=ast.Call() as call, keywords=keywords):
                yield from (path for path in _loaded_by(call, local) if _spreads(keywords, path, local))
            case ast.Attribute(value=ast.Call() as call, attr="load_from_checkpoint"):
                yield from _loaded_by(call, local)
            case _:
                pass
    for name, path in loaded.items():
        read = {node for node in nodes if isinstance(node, ast.Name) and node.id == name} - used[name]
        if not any(isinstance(node.ctx, ast.Load) for node in read):
            yield path


def _loaded_by(call: ast.Call, local: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The node whose target a call loads, if it loads one."""
    paths = (_node_of(expression, local) for expression in _taken_for_a_call(call))
    return [path for path in paths if path is not None]


def _spreads(keywords: list[ast.keyword], path: tuple[str, ...], local: dict[str, tuple[str, ...]]) -> bool:
    """Whether `**` hands on the node at a path."""
    return any(
        item.arg is None
        and isinstance(item.value, ast.Name | ast.Attribute | ast.Subscript)
        and config_path(item.value, local) == path
        for item in keywords
    )


def calls_whatever_it_gets(tree: ast.Module) -> bool:
    """Whether a function of a module loads the target of what it is given, and that need not be the whole config."""
    return any(() in _called_in(scope) for scope in functions_of(tree) if not _is_main(scope))


def _is_main(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Module) -> bool:
    """Whether a function is a script, which gets the whole config: `hydra.main` decorates it."""
    decorators = [] if isinstance(scope, ast.Module) else scope.decorator_list
    called = [node.func for node in decorators if isinstance(node, ast.Call)]
    return any(isinstance(name, ast.Attribute) and ast.unparse(name) == "hydra.main" for name in called)


def _called_in(scope: ast.AST) -> Iterator[tuple[str, ...]]:
    nodes = list(ast.walk(scope))
    local = local_paths(nodes)
    held = dict(_held(nodes, local))
    for node in nodes:
        for expression in _taken_for_a_call(node):
            path = _node_of(expression, local)
            whole = expression.value if isinstance(expression, ast.Subscript) else expression
            if path is None and isinstance(whole, ast.Name):
                path = held.get(whole.id)
            if path is not None:
                yield path


def looks_up_names(tree: ast.Module) -> bool:
    """Whether a module takes targets for names in a module that it has: `getattr(profilers, cfg["_target_"])`."""
    for scope in functions_of(tree):
        nodes = list(ast.walk(scope))
        held = dict(_held(nodes, {}))
        for node in nodes:
            match node:
                case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Name(id=name), *_]) if name in held:
                    return True
                case ast.Call(func=ast.Name(id="getattr"), args=[_, name, *_]) if (
                    _node_of(name, {}) is not None
                ):
                    return True
                case _:
                    pass
    return False


def takes_targets(tree: ast.Module) -> bool:
    """Whether a module takes the target out of a node, to go on with it itself: `name = cfg.pop("_target_")`."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "pop"
        and any(isinstance(item, ast.Constant) and item.value == TARGET for item in node.args[:1])
        for node in ast.walk(tree)
    ) or any(True for scope in functions_of(tree) for _ in _held(ast.walk(scope), {}))


def asks_for_signatures(tree: ast.Module) -> bool:
    """Whether a function of a module asks for the signature of a node's target, as one does that leaves out other keys."""
    for scope in functions_of(tree):
        nodes = list(ast.walk(scope))
        if any(isinstance(node, ast.Call) and _is_asking(node.func) for node in nodes) and any(
            isinstance(node, ast.expr) and _node_of(node, {}) is not None for node in nodes
        ):
            return True
    return False


def _is_asking(called: ast.expr) -> bool:
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _ASKING
        case _:
            return False


def registered_names(tree: ast.Module) -> Iterator[str]:
    """The names under which a module registers its classes and functions: `@register_model("resnet")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            for decorator in node.decorator_list:
                arguments = (
                    (*decorator.args, *(item.value for item in decorator.keywords))
                    if isinstance(decorator, ast.Call)
                    else ()
                )
                for argument in arguments:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value


def _held(
    nodes: Iterable[ast.AST], local: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables that hold the target of a node, each with the node's keys."""
    for node in nodes:
        pairs: list[tuple[ast.expr, ast.expr]]
        match node:
            case ast.Assign(targets=[ast.Name() as name], value=value):
                pairs = [(name, value)]
            case ast.Assign(targets=[ast.Tuple(names)], value=ast.Tuple(values)):
                pairs = [*zip(names, values, strict=False)]
            case _:
                continue
        for holder, held in pairs:
            path = _node_of(held, local)
            if isinstance(holder, ast.Name) and path is not None:
                yield holder.id, path


def _taken_for_a_call(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == TARGET:
                    yield value
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[path, *_]) if (
            _LOADING.fullmatch(name)
        ):
            yield path
        case (
            ast.keyword(arg="_target_", value=value)
            | ast.Assign(
                targets=[
                    ast.Subscript(slice=ast.Constant(value="_target_")) | ast.Attribute(attr="_target_")
                ],
                value=value,
            )
        ):
            yield value
        case _:
            pass


def _node_of(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The last keys of the node whose target an expression reads; None if it reads no target."""
    match expression:
        case ast.Attribute(value=value, attr="_target_"):
            return config_path(value, local)
        case ast.Subscript(value=value, slice=ast.Constant(value="_target_")):
            return config_path(value, local)
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value="_target_"), *_]):
            return config_path(value, local)
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value="_target_"), *_]):
            return config_path(value, local)
        case _:
            return None
