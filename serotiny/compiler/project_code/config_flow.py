"""Follow the config of a script from `hydra.main` into the functions and classes that are given it, or parts of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from serotiny.compiler.project_code.script_config import Held, is_set, keys_below, unconditional
from serotiny.compiler.project_code.script_scope import Definition, Modules, Scope, Script, no_modules
from serotiny.compiler.project_code.supplies import copied


def scopes(script: Script, modules: Modules = no_modules) -> Iterator[Scope]:
    """The functions that are given the config of a script, from `hydra.main` on, each once."""
    mains = {id(call) for call in script.module.calls("main")}
    found = [
        Scope(script, function, _only_read(function, {_first(function): ()}), is_reached=True)
        for function in script.definitions.values()
        if isinstance(function, ast.FunctionDef)
        and any(id(item) in mains for item in function.decorator_list)
    ]
    seen = {id(scope.function) for scope in found}
    for scope in found:  # to which the loop appends
        if scope.held:
            yield scope
        for called in _called(scope, modules):
            if id(called.function) not in seen:
                seen.add(id(called.function))
                found.append(called)


def _called(scope: Scope, modules: Modules) -> Iterator[Scope]:
    """The functions that one is seen to give its config, or a part of it."""
    for call in scope.nodes:
        if not isinstance(call, ast.Call):
            continue
        found = _definition(scope, call.func, modules)
        if found is None:
            continue
        script, definition = found
        is_reached = id(call) in scope.certain
        if isinstance(definition, ast.FunctionDef):
            held = _given(scope, call, definition, 0)
            if held:
                yield Scope(script, definition, held, is_reached=is_reached, is_asked=scope.asks_before(call))
            continue
        start = next(
            (
                item
                for item in definition.body
                if isinstance(item, ast.FunctionDef) and item.name == "__init__"
            ),
            None,
        )
        held = _given(scope, call, start, 1) if start is not None else {}
        if start is not None and held:
            made = Scope(
                script,
                start,
                held,
                is_reached=is_reached,
                is_asked=scope.asks_before(call),
                owner=definition.name,
            )
            yield made
            yield from _methods(made, definition)


def _definition(scope: Scope, called: ast.expr, modules: Modules) -> tuple[Script, Definition] | None:
    """The function or class of the project that is called, with its module."""
    script = scope.script
    if isinstance(called, ast.Name) and called.id in script.definitions:
        is_once = sum(1 for item in script.tree.body if getattr(item, "name", None) == called.id) == 1
        return (script, script.definitions[called.id]) if is_once else None
    path = script.module.imported(called)
    name, _, last = (path or "").rpartition(".")
    other = modules(name) if name else None
    definition = other.definitions.get(last) if other is not None else None
    return None if other is None or definition is None else (other, definition)


def _given(scope: Scope, call: ast.Call, function: ast.FunctionDef, skipped: int) -> Held:
    """The parameters that a call gives a part of the config, where no call in the same module gives another."""
    calls = scope.script.calls[ast.dump(call.func)]
    found: Held = {}
    for name, value in _arguments(call, function, skipped).items():
        keys = keys_below(scope.known, copied(value))
        if keys is not None and all(
            (other := _arguments(node, function, skipped).get(name)) is not None
            and ast.dump(other) == ast.dump(value)
            for node in calls
        ):
            found[name] = keys
    return _only_read(function, found)


def _arguments(call: ast.Call, function: ast.FunctionDef, skipped: int) -> dict[str, ast.expr]:
    """The arguments of a call by the names of their parameters, up to the first that is not seen."""
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)][skipped:]
    found: dict[str, ast.expr] = {}
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        found[name] = value
    known = {*names, *(item.arg for item in function.args.kwonlyargs)}
    return found | {item.arg: item.value for item in call.keywords if item.arg in known}


def _methods(made: Scope, definition: ast.ClassDef) -> Iterator[Scope]:
    """The methods of an object that keeps parts of the config which it was given."""
    held = dict(_kept(made, definition))
    for method in definition.body:
        if isinstance(method, ast.FunctionDef) and method is not made.function and held:
            yield replace(made, function=method, held=held, is_reached=False)


def _kept(made: Scope, definition: ast.ClassDef) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The attributes to which a constructor certainly sets a part of the config, and which nothing else sets."""
    stored = [
        node.attr
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    ]
    for node in unconditional(made.function.body):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                keys = keys_below(made.known, copied(value))
                if keys is not None and stored.count(name) == 1:
                    yield f"self.{name}", keys
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="self"), attr="save_hyperparameters"), args=[]
            ):
                yield from (
                    (f"self.hparams.{name}", keys)
                    for name, keys in made.held.items()
                    if not any(item.arg == "ignore" for item in node.keywords)
                )
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="self"), attr="save_hyperparameters"),
                args=[ast.Name() as whole],
            ):
                keys = keys_below(made.known, whole)
                if keys is not None:
                    yield "self.hparams", keys
            case _:
                pass


def _first(function: ast.FunctionDef) -> str:
    return function.args.args[0].arg if function.args.args else ""


def _only_read(function: ast.FunctionDef, held: Held) -> Held:
    """What the parameters of a function hold, without those to which it gives another value."""
    nodes = [*ast.walk(function)]
    names = [item.arg for item in nodes if isinstance(item, ast.arg)]
    return {
        name: keys
        for name, keys in held.items()
        if names.count(name) == 1 and not any(is_set(name, node) for node in nodes)
    }
