"""Find the calls that get a part of a config as their keyword arguments: `Trainer(**cfg.trainer)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
        is_unchanged: nothing in the script may give the part further keys.
    """

    keys: tuple[str, ...]
    target: str
    names: frozenset[str]
    positions: int
    file: Path
    line: int
    is_certain: bool
    is_unchanged: bool


_READING: Final = frozenset(
    {
        *("dict", "info", "instantiate", "isinstance", "open_dict", "print", "resolve", "set_struct"),
        *("to_container", "to_yaml"),
    }
)
"""Functions that take a config and add nothing to it."""


def handed_on(file: Path, tree: ast.Module) -> Iterator[HandedOn]:
    """The calls that a script makes with a part of its config as it is.

    The config is what `hydra.main` gives to a function, and what that hands on to a function of the module.
    """
    module = SourceModule(file, tree, SourceTree(()))
    taking = [*_taking_config(module, tree)]
    own = frozenset(function.name for function, _, _ in taking)
    named = [{config: (), **dict(_aliases(config, function))} for function, config, _ in taking]
    given_away = {
        keys
        for (function, _, _), known in zip(taking, named, strict=True)
        for keys in _given_away(known, function, own)
    }
    for (function, _, is_reached), known in zip(taking, named, strict=True):
        nodes = [*ast.walk(function)]
        changed = [keys for node in nodes if _is_changed(node) for keys in [_keys_below(known, node)] if keys]
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
            keys = _keys_below(known, copied(spread[0])) if len(spread) == 1 else None
            if keys and target is not None and not any(keys[: len(whole)] == whole for whole in changed):
                names = frozenset(item.arg for item in given if item.arg is not None)
                yield HandedOn(
                    keys=keys,
                    target=target,
                    names=names,
                    positions=len(first),
                    file=file,
                    line=node.lineno,
                    is_certain=is_reached and id(node) in certain,
                    is_unchanged=not any(keys[: len(whole)] == whole for whole in given_away),
                )


def _aliases(config: str, function: ast.FunctionDef) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables that a function certainly sets to a part of the config, or a copy of one, and then only reads."""
    nodes = [*ast.walk(function)]
    parameters = {item.arg for item in nodes if isinstance(item, ast.arg)}
    known: dict[str, tuple[str, ...]] = {config: ()}
    for node in _unconditional(function.body):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                keys = _keys_below(known, copied(value))
            case _:
                continue
        uses = [item for item in nodes if isinstance(item, ast.Name) and item.id == name]
        is_set_once = sum(_is_set(name, item) for item in uses) == 1 and name not in parameters
        if keys and is_set_once and all(item.lineno >= node.lineno for item in uses):
            reads = sum(1 for item in nodes for holder in _read_by(item) if _is_variable(name, holder))
            if reads == len(uses) - 1:
                known[name] = keys
                yield name, keys


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


def _given_away(
    known: Mapping[str, tuple[str, ...]], function: ast.FunctionDef, own: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    """The keys of the parts that get further keys, or may get them by a call or in a variable that is not looked at."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=holder, attr="update" | "merge_with" | "setdefault")):
                given = [holder, *node.args]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name not in own | _READING:
                given = [*node.args, *(item.value for item in node.keywords if item.arg is not None)]
            case ast.Attribute(value=holder) | ast.Subscript(value=holder) if _is_changed(node):
                given = [holder] if _keys_below(known, holder) else []
            case ast.Assign(targets=[ast.Name(id=name)]) if name in known:
                continue
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                given = [value]
            case _:
                continue
        yield from (keys for value in given if (keys := _keys_below(known, value)) is not None)


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


def _keys_below(known: Mapping[str, tuple[str, ...]], node: ast.AST) -> tuple[str, ...] | None:
    """The keys of the part of a config that an expression reads, by those of its variable; None if it reads none."""
    match node:
        case ast.Name(id=name):
            return known.get(name)
        case (
            ast.Attribute(value=holder, attr=key)
            | ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
        ):
            above = _keys_below(known, holder)
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
