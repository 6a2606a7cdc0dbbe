"""Find the keys from which a script makes its model, data module and trainer, as far as its source shows them.

`model = instantiate(cfg.net)` and `trainer.fit(model, datamodule=…)` in one module show that the model is
at `net`; `for item in cfg.callbacks.values(): callbacks.append(instantiate(item))`, that the callbacks are
below `callbacks`. A name that gets two different values, or a list to which the script adds something of its
own, is ignored.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serotiny.compiler.project.source_module import SourceModule

_LOOPS = frozenset({"fit", "test", "validate", "predict"})
_KEYWORDS = frozenset(
    {None, "model", "datamodule", "dataloaders", "train_dataloaders", "val_dataloaders", "train_dataloader"}
    | {"val_dataloader", "test_dataloaders", "ckpt_path", "verbose", "return_predictions", "weights_only"}
)
"""What the loops of a trainer take, which may be called so or not; an agent's `predict(env, episodes=3)` is another."""
_ARGUMENTS = {"model": 0, "datamodule": None}
_OF_TRAINER = ("callbacks", "logger")


def wired_parts(
    module: SourceModule, tree: ast.Module, script: ast.FunctionDef
) -> tuple[dict[str, str], frozenset[str]]:
    """The dotted key of each part that a function uses, or that a function of its module uses that it calls.

    Returns:
        The keys by the part's name in a layout, and those of all that these functions make.
    """
    functions = [[*ast.walk(function)] for function in _reached(tree, script)]
    nodes = [node for function in functions for node in function]
    made: dict[str, str | None] = {}
    makes: set[str] = set()
    for function in functions:
        for name, key in _made(function):
            made[name] = key if made.get(name, key) == key else None
            makes |= {key} if key is not None else set()
    made |= dict.fromkeys(name for name in _made_by_hand(nodes, module) if name in made)
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    found: dict[str, set[str | None]] = {}
    for call in calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LOOPS:
            continue
        if not isinstance(call.func.value, ast.Name) or call.func.value.id not in made:
            continue
        if "trainer" not in call.func.value.id and not {item.arg for item in call.keywords} <= _KEYWORDS:
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
                elif value is not None and (key := _key_of(value)) is not None:
                    found.setdefault(part, set()).add(key)
    parts: dict[str, str] = {}
    for part, keys in found.items():
        (key, *others) = keys
        if key is not None and not others:
            parts[part] = key
    return parts, frozenset(makes)


def _reached(tree: ast.Module, script: ast.FunctionDef) -> list[ast.FunctionDef]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = [script]
    for function in found:
        named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        found += [
            functions[name] for name in sorted(named & functions.keys()) if functions[name] not in found
        ]
    return found


def _made(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str | None]]:
    """Each name to which a function assigns parts, with the key that they are made from; None if there are several."""
    looped = dict(_looped(nodes))
    values: dict[str, list[str | None]] = {}
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name()], value=ast.List(elts=[]))
                | ast.AnnAssign(target=ast.Name(), value=ast.List(elts=[]))
            ):
                pass  # what it holds is added further down
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
                | ast.AugAssign(target=ast.Name(name), value=value)
                | ast.Call(ast.Attribute(ast.Name(name), "append" | "extend" | "insert"), [*_, value])
            ):
                values.setdefault(name, []).append(_key_of(value, looped))
            case _:
                pass
    for name, keys in values.items():
        if keys[0] is not None:
            yield name, keys[0] if set(keys) == {keys[0]} else None


def _made_by_hand(nodes: Iterable[ast.AST], module: SourceModule) -> Iterator[str]:
    """The names of what a helper of the project makes without Hydra: `def instantiate_data(cfg): return Data(cfg.root)`."""
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(name)], value=ast.Call(func))
                | ast.AnnAssign(target=ast.Name(name), value=ast.Call(func))
            ) if "instantiate" in _name(func):
                helper = module.function(func)
                if helper is not None and not _may_read_target(helper):
                    yield name
            case _:
                pass


def _may_read_target(helper: ast.FunctionDef) -> bool:
    """Whether a function calls what `_target_` names, itself or by way of another one with such a name."""
    names = (_name(node) for node in ast.walk(helper) if isinstance(node, ast.expr))
    texts = (node.value for node in ast.walk(helper) if isinstance(node, ast.Constant))
    return "_target_" in texts or any("instantiate" in name or name == "_target_" for name in names)


def _looped(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """The ids of the expressions in a loop that stand for what it makes of one of the parts below a key, each with the key."""
    for node in nodes:
        match node:
            case ast.For(target, iterated) | ast.ListComp(generators=[ast.comprehension(target, iterated)]):
                key, variable = _parts_below(iterated), _last_name(target)
            case _:
                continue
        if key is None:
            continue
        names: set[str] = set()
        for item in ast.walk(node):
            match item:
                case ast.Assign(targets=[ast.Name(name)], value=value) if _is_made(value, variable, key):
                    names.add(name)
                case ast.Call() if _is_made(item, variable, key):
                    yield id(item), key
                case _:
                    pass
        yield from ((id(item), key) for item in ast.walk(node) if _is_one_of(item, names))


def _is_made(value: ast.expr, variable: str, key: str) -> bool:
    """Whether an expression makes the part for which the variable of a loop stands, or of which it is the name below a key."""
    match value:
        case ast.Call(func, [ast.Name(name) | ast.Subscript(_, ast.Name(name)) as part, *_]):
            is_below = not isinstance(part, ast.Subscript) or _config_key(part.value) == key
            return name == variable and is_below and "instantiate" in _name(func)
        case _:
            return False


def _is_one_of(node: ast.AST, names: Set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _parts_below(iterated: ast.expr) -> str | None:
    """The key of the node over whose parts a loop goes."""
    match iterated:
        case ast.Call(ast.Attribute(node, "items" | "values"), []):
            return _config_key(node)
        case _:
            return _config_key(iterated)


def _last_name(target: ast.expr) -> str:
    match target:
        case ast.Name(name) | ast.Tuple([_, ast.Name(name)]):
            return name
        case _:
            return ""


def _key_of(value: ast.expr, looped: Mapping[int, str] | None = None) -> str | None:
    """The key that is an argument of `instantiate(cfg.KEY, …)`, or of a helper with such a name, by itself or part by part."""
    if looped and id(value) in looped:
        return looped[id(value)]
    match value:
        case ast.Call(func, [first, *_]) if "instantiate" in _name(func):
            return _config_key(first)
        case ast.Call(ast.Name("list"), [ast.Call(ast.Attribute(made, "values"), [])]):
            return _key_of(made)
        case ast.ListComp(made, [_]):
            return dict(_looped([value])).get(id(made))
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
