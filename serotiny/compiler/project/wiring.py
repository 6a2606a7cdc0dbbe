"""Find the keys from which a script makes its model, data module and trainer, as far as its source shows them.

`model = instantiate(cfg.net)` and `trainer.fit(model, datamodule=…)` in one module show that the model is
at `net`. A name that is assigned two different values is ignored.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

_LOOPS = frozenset({"fit", "test", "validate", "predict"})
_ARGUMENTS = {"model": 0, "datamodule": None}
_OF_TRAINER = ("callbacks", "logger")


def wired_parts(tree: ast.Module, script: ast.FunctionDef) -> dict[str, str]:
    """The dotted key of each part that a function uses, or that a function of its module uses that it calls.

    Returns:
        The keys by the part's name in a layout.
    """
    nodes = [node for function in _reached(tree, script) for node in ast.walk(function)]
    made = dict(_made(nodes))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    found: dict[str, set[str | None]] = {}
    for call in calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LOOPS:
            continue
        if not isinstance(call.func.value, ast.Name) or call.func.value.id not in made:
            continue
        found.setdefault("trainer", set()).add(made[call.func.value.id])
        for part, position in _ARGUMENTS.items():
            value = _argument(call, part, position)
            if isinstance(value, ast.Name) and value.id in made:
                found.setdefault("data" if part == "datamodule" else part, set()).add(made[value.id])
    trainers = found.get("trainer", set())
    for call in calls:
        if _key_of(call) in trainers:
            for part in _OF_TRAINER:
                value = _argument(call, part, None)
                if isinstance(value, ast.Name) and value.id in made:
                    found.setdefault(part, set()).add(made[value.id])
    parts: dict[str, str] = {}
    for part, keys in found.items():
        (key, *others) = keys
        if key is not None and not others:
            parts[part] = key
    return parts


def _reached(tree: ast.Module, script: ast.FunctionDef) -> list[ast.FunctionDef]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = [script]
    for function in found:
        named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        found += [
            functions[name] for name in sorted(named & functions.keys()) if functions[name] not in found
        ]
    return found


def _made(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str | None]]:
    """Each name to which a part is assigned, with the key that the part is made from; None if there are several."""
    values: dict[str, list[str | None]] = {}
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
            ):
                values.setdefault(name, []).append(_key_of(value))
            case _:
                pass
    for name, keys in values.items():
        if keys[0] is not None:
            yield name, keys[0] if set(keys) == {keys[0]} else None


def _key_of(value: ast.expr) -> str | None:
    """The key that is an argument of `instantiate(cfg.KEY, …)`, or of a helper with such a name."""
    match value:
        case ast.Call(func, [first, *_]) if "instantiate" in _name(func):
            return _config_key(first)
        case _:
            return None


def _name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(_, name) | ast.Name(name):
            return name
        case _:
            return ""


def _config_key(value: ast.expr) -> str | None:
    """`cfg.a.b`, `cfg["a"]`, `cfg.get("a")` as a dotted key."""
    match value:
        case ast.Attribute(ast.Name(), name):
            return name
        case ast.Attribute(inner, name):
            head = _config_key(inner)
            return None if head is None else f"{head}.{name}"
        case ast.Subscript(ast.Name(), ast.Constant(str(name))):
            return name
        case ast.Call(ast.Attribute(ast.Name(), "get"), [ast.Constant(str(name)), *_]):
            return name
        case _:
            return None


def _argument(call: ast.Call, name: str, position: int | None) -> ast.expr | None:
    given: Mapping[str | None, ast.expr] = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in given:
        return given[name]
    return call.args[position] if position is not None and position < len(call.args) else None
