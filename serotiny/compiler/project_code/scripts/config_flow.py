"""Follow the config of a script from `hydra.main` into the functions and classes that are given it, or parts of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from serotiny.compiler.project_code.scripts.definitions import Family, Method, definition_of, family_of
from serotiny.compiler.project_code.scripts.script import Modules, Script, no_modules
from serotiny.compiler.project_code.scripts.script_config import Held, is_set, keys_below, unconditional
from serotiny.compiler.project_code.scripts.script_scope import Made, Scope
from serotiny.compiler.project_code.supplies import copied


def scopes(script: Script, modules: Modules = no_modules) -> Iterator[Scope]:
    """The functions that are given the config of a script, from `hydra.main` on, each once; what is certainly called first."""
    mains = {id(call) for call in script.module.calls("main")}
    waiting = [
        Scope(script, function, _only_read(function, {_first(function): ()}), is_reached=True)
        for function in script.definitions.values()
        if isinstance(function, ast.FunctionDef)
        and any(id(item) in mains for item in function.decorator_list)
    ]
    seen: set[int] = set()
    while waiting:
        scope = min(waiting, key=lambda item: (not item.is_reached, item.is_asked, item.is_alone))
        waiting.remove(scope)
        if id(scope.function) in seen:
            continue
        seen.add(id(scope.function))
        if scope.held:
            yield scope
        waiting += (called for called in _called(scope, modules) if id(called.function) not in seen)


def _called(scope: Scope, modules: Modules) -> Iterator[Scope]:
    """The functions that one is seen to give its config, or a part of it, and the methods of objects that keep one."""
    objects = dict(_objects(scope, modules))
    for call in scope.nodes:
        if not isinstance(call, ast.Call):
            continue
        method = _method(scope, call, objects, modules)
        if method is not None:
            yield from _given_to_method(scope, call, *method)
            continue
        found = definition_of(scope.script, call.func, modules)
        if found is None:
            continue
        script, definition = found
        if isinstance(definition, ast.ClassDef):
            yield from _constructed(scope, call, _made(scope, call, script, definition, modules))
            continue
        held = _given(scope, call, definition, _skipped(definition))
        if held:
            yield _reached(scope, call, Scope(script, definition, held, is_reached=False))


def _reached(scope: Scope, call: ast.Call, called: Scope) -> Scope:
    """A function as a call in another reaches it."""
    return replace(called, is_reached=id(call) in scope.certain, is_asked=scope.asks_before(call))


def _skipped(function: ast.FunctionDef) -> int:
    """The number of the parameters of a function that no call of it by its whole name gives."""
    return 1 if any(ast.unparse(item) == "classmethod" for item in function.decorator_list) else 0


def _method(
    scope: Scope, call: ast.Call, objects: Mapping[str, Made], modules: Modules
) -> tuple[Made, Method] | None:
    """The method that is called, of an object that is seen to be made."""
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr=name):
            made, after = scope.made, scope.place
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if scope.made is not None:
            made, after = scope.made, -1
        case ast.Attribute(value=ast.Name(id=variable), attr=name) if variable in objects:
            made, after = objects[variable], -1
        case ast.Attribute(value=ast.Call() as inner, attr=name):
            found = definition_of(scope.script, inner.func, modules)
            if found is None or not isinstance(found[1], ast.ClassDef):
                return None
            made, after = _made(scope, inner, found[0], found[1], modules), -1
        case _:
            return None
    method = made.family.method(name, after) if made is not None else None
    return None if made is None or method is None else (made, method)


def _given_to_method(scope: Scope, call: ast.Call, made: Made, method: Method) -> Iterator[Scope]:
    scripts = dict.fromkeys(script for script, _ in made.family.classes)
    others = [] if scope.made is None else [script for script in scripts if script is not scope.script]
    held = made.attributes | _given(scope, call, method.function, method.skipped, others)
    if held:
        yield _reached(scope, call, _of_method(made, method, held))


def _of_method(made: Made, method: Method, held: Held) -> Scope:
    return Scope(
        method.script,
        method.function,
        held,
        is_reached=False,
        owner=method.owner,
        place=method.place,
        made=made,
    )


def _objects(scope: Scope, modules: Modules) -> Iterator[tuple[str, Made]]:
    """The variables of a function that certainly hold an object of a class of the project, each set once."""
    stored = [
        node.id for node in scope.nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    ]
    for node in unconditional(scope.function.body):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if stored.count(name) == 1:
                found = definition_of(scope.script, call.func, modules)
                if found is not None and isinstance(found[1], ast.ClassDef):
                    yield name, _made(scope, call, found[0], found[1], modules)
            case _:
                pass


def _made(scope: Scope, call: ast.Call, script: Script, definition: ast.ClassDef, modules: Modules) -> Made:
    """The object that a call of a class makes, with the parts of the config that its constructor keeps."""
    family = family_of(script, definition, modules)
    start = family.method("__init__")
    if start is None:
        return Made(family, {}, None)
    held = _given(scope, call, start.function, 1)
    kept = _kept(_of_method(Made(family, {}, None), start, held))
    made = Made(family, dict(kept), None)
    first = _of_method(made, start, made.attributes | held) if held else None
    return replace(made, start=first)


def _constructed(scope: Scope, call: ast.Call, made: Made) -> Iterator[Scope]:
    """The constructor of an object, and the methods that may be called of it at any time."""
    if made.start is not None:
        yield _reached(scope, call, made.start)
        is_asked = scope.asks_before(call)
        for method in made.family.methods() if made.attributes else ():
            if method.function is not made.start.function:
                found = _of_method(made, method, made.attributes)
                yield replace(found, is_asked=is_asked, is_alone=True)


def _given(
    scope: Scope, call: ast.Call, function: ast.FunctionDef, skipped: int, others: Sequence[Script] = ()
) -> Held:
    """The parameters that a call gives a part of the config, where no such call gives another in the same modules."""
    what = ast.dump(call.func)
    calls = [node for script in (scope.script, *others) for node in script.calls.get(what, ())]
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


def _kept(made: Scope) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The attributes to which a constructor certainly sets a part of the config, and which nothing else sets."""
    family = made.made.family if made.made is not None else Family(())
    stored = [
        node.attr
        for _, definition in family.classes
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    ]
    for node in unconditional(made.function.body):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                keys = keys_below(made.known, copied(value))
                if keys is not None and stored.count(name) == 1:
                    yield f"self.{name}", keys
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
                above = family.method("__init__", made.place)
                held = _given(made, node, above.function, 1) if above is not None else {}
                if above is not None and held and made.made is not None:
                    yield from _kept(_of_method(made.made, above, held))
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
