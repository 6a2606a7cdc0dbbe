"""Find the calls that get a part of a config as their keyword arguments: `Trainer(**cfg.trainer)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serotiny.compiler.project.source_module import SourceModule, SourceTree
from serotiny.compiler.project_code.supplies import copied


@dataclass(frozen=True)
class HandedOn:
    """One call in a script that gives all of a part of the script's config to something imported.

    Attributes:
        keys: the keys of the part, from the top of the config.
        target: the dotted path of what is called.
        names: the parameters that the call gives itself, by name.
        positions: the number of those that it gives by position.
        file: the script.
        line: the line of the call.
        is_certain: the script makes the call whatever its config says.
    """

    keys: tuple[str, ...]
    target: str
    names: frozenset[str]
    positions: int
    file: Path
    line: int
    is_certain: bool


def handed_on(file: Path, tree: ast.Module) -> Iterator[HandedOn]:
    """The calls that a script makes with a part of its config as it is.

    The config is what `hydra.main` gives to a function, and what that hands on to a function of the module.
    """
    module = SourceModule(file, tree, SourceTree(()))
    for function, config, is_reached in _taking_config(module, tree):
        nodes = [*ast.walk(function)]
        changed = [
            keys for node in nodes if _is_changed(node) for keys in [_keys_below(config, node)] if keys
        ]
        certain = {id(node) for node in _unconditional(function.body)}
        for node in nodes:
            match node:
                case ast.Call(args=first, keywords=given) if not any(
                    isinstance(item, ast.Starred) for item in first
                ):
                    spread = [item.value for item in given if item.arg is None]
                    target = module.imported(node.func)
                case _:
                    continue
            keys = _keys_below(config, copied(spread[0])) if len(spread) == 1 else None
            if keys and target is not None and not any(keys[: len(whole)] == whole for whole in changed):
                names = frozenset(item.arg for item in given if item.arg is not None)
                is_certain = is_reached and id(node) in certain
                yield HandedOn(keys, target, names, len(first), file, node.lineno, is_certain)


def _taking_config(module: SourceModule, tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str, bool]]:
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
        certain = {id(node) for node in _unconditional(function.body)}
        for name in functions.keys() - seen:
            calls = [*_calls_of(name, tree)]
            if _is_only_given(config, calls):
                seen.add(name)
                is_called = is_reached and any(id(call) in certain for call in calls)
                found.append((functions[name], is_called))


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


def _is_changed(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)


def _keys_below(config: str, node: ast.AST) -> tuple[str, ...] | None:
    """The keys by which an expression descends from a variable; None if it is another expression."""
    match node:
        case ast.Name(id=name):
            return () if name == config else None
        case (
            ast.Attribute(value=holder, attr=key)
            | ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
        ):
            above = _keys_below(config, holder)
            return None if above is None else (*above, key)
        case _:
            return None


def _unconditional(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of the statements that run whatever happens, up to one that may end the function."""
    for statement in body:
        match statement:
            case ast.With(body=inner):
                yield from _unconditional(inner)
            case ast.Assign() | ast.AnnAssign() | ast.Expr() | ast.Return():
                yield from ast.walk(statement)
            case _:
                pass
        if any(isinstance(node, ast.Return | ast.Raise) for node in ast.walk(statement)):
            return
