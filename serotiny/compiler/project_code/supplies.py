"""Find what a project's code gives to a node: `instantiate(cfg.task, model=net)`, `cfg.model["width"] = 3`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from serotiny.compiler.tree import Keys, ends_with

GIVING: Final = frozenset({"instantiate", "open_dict", "OmegaConf.update"})
"""What stands in a module that gives something to a node."""

SETTING: Final = re.compile(
    rb"(?:cfg|conf|config)(?:\.\w+|\[\s*['\"]\w+['\"]\s*\]){2,}\s*(?:[-+*/%|&@]|//)?=(?!=)"
)
"""Matches where a module sets a value of a part of a config: `cfg.model.depth = 3`."""

INSTANTIATING: Final = frozenset({"instantiate", ".call("})
"""What stands in a module that instantiates a node."""

_FUNCTIONS: Final = frozenset({"instantiate", "call", "maybe_instantiate"})
_WHOLE: Final = re.compile(r"(?:\w*_)?(?:cfg|config|conf|hparams|args|options)\d*|self|cls|c")
"""The name of a variable that holds a whole config."""
_ARGUMENTS: Final = ("_args", "_kwargs", "_options")
"""What the name of a variable ends with that holds arguments for one function."""
_PART: Final = re.compile(r"_?(?:(?:cfg|config|conf)_(\w+)|(\w+?)_(?:cfg|config|conf))")
"""The name of a variable that holds the part of a config that it is named after."""


@dataclass(frozen=True)
class Supply:
    """One call that instantiates a node with further arguments, or an assignment to one of its keys.

    Attributes:
        path: the last keys of the node, as far as the source shows them.
        names: the keyword arguments, or the key that is assigned to.
        positions: the number of positional arguments.
        is_open: it passes `*args` or `**kwargs`, or makes a partial: any parameter may be given.
        is_flat: it does not instantiate nodes inside of the node (`_recursive_=False`); other code may.
        is_call: it is a call, not an assignment.
        primaries: the primary configs of the script that makes it, which no other module imports; empty where any may be.
    """

    path: tuple[str, ...]
    names: frozenset[str]
    positions: int
    is_open: bool
    is_flat: bool = False
    is_call: bool = False
    primaries: frozenset[str] = frozenset()

    def to_json(self) -> list[Any]:
        """It as JSON data, without the primary configs, which the module alone does not tell."""
        names = sorted(self.names)
        return [self.path, names, self.positions, self.is_open, self.is_flat, self.is_call]

    @classmethod
    def from_json(cls, data: Any) -> Supply:
        """It from that data.

        Raises:
            ValueError: it has another shape; TypeError may be raised too.
        """
        path, names, positions, *how = data
        is_open, is_flat, is_call = map(bool, how)
        return cls(tuple(path), frozenset(names), int(positions), is_open, is_flat, is_call)

    def reaches(self, keys: Keys) -> bool:
        """Whether the call may instantiate the node at these keys."""
        return ends_with(keys, self.path)

    def spares(self, keys: Keys) -> bool:
        """Whether the call may instantiate a parent of the node at these keys, without instantiating the node."""
        return self.is_flat and any(self.reaches(keys[:end]) for end in range(len(self.path), len(keys)))


def supplies(tree: ast.Module) -> Iterator[Supply]:
    """The calls of a module that instantiate a node with further arguments, and its assignments to keys of nodes."""
    declared = _declared_configs(tree)
    kept = kept_paths(tree)
    for scope in functions_of(tree):
        nodes = list(ast.walk(scope))
        local = kept | local_paths(nodes)
        for node in nodes:
            match node:
                case ast.Call(func=called, args=[config, *rest], keywords=keywords) if is_instantiating(
                    called
                ):
                    paths = nodes_held_by(config, local)
                    # except Hydra's own keys, such as `_partial_` and `_convert_`
                    names = {item.arg for item in keywords if item.arg and not item.arg.startswith("_")}
                    is_open = (
                        any(item.arg is None for item in keywords)
                        or any(isinstance(item, ast.Starred) for item in rest)
                        or _says(keywords, "_partial_", True)
                    )
                    # `_recursive_=recursive` may be so too
                    is_flat = any(item.arg == "_recursive_" for item in keywords) and not _says(
                        keywords, "_recursive_", True
                    )
                    if names or rest or is_open or is_flat:
                        for path in sorted(paths):
                            yield Supply(path, frozenset(names), len(rest), is_open, is_flat, is_call=True)
                    for path in sorted(paths) or ([()] if is_whole(config) else []):
                        yield from _merged_in(path, keywords)
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        yield from _assigned(target, value, local, declared)
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="OmegaConf"), attr="update"),
                    args=[_, ast.Constant(value=str(key)), *_],
                ):
                    *above, name = key.split(".")
                    yield Supply(tuple(above), frozenset({name}), 0, is_open=False)
                case _:
                    pass


def _merged_in(path: tuple[str, ...], keywords: list[ast.keyword]) -> Iterator[Supply]:
    """What a call merges into nodes of the one that it instantiates: `instantiate(cfg.model, net={"width": 3})`."""
    for item in keywords:
        match item.value:
            case ast.Dict(keys=keys):
                names = {key.value for key in keys if isinstance(key, ast.Constant)}
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=inner):
                names = {keyword.arg for keyword in inner if keyword.arg is not None}
            case _:
                names = set()
        given = frozenset(name for name in names if isinstance(name, str))
        if item.arg is not None and given:
            yield Supply((*path, item.arg), given, 0, is_open=False, is_call=True)


def _declared_configs(tree: ast.Module) -> frozenset[str]:
    """The parameters of a module's functions that are annotated as configs: `encoder: DictConfig`."""
    return frozenset(
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg)
        and node.annotation is not None
        and "DictConfig" in ast.unparse(node.annotation)
    )


def _is_made_of(target: ast.expr, value: ast.expr) -> bool:
    """Whether what is assigned is made of what was there: `cfg.parts = list(cfg.parts.values())`."""
    before = ast.unparse(target)
    return any(ast.unparse(item) == before for item in ast.walk(value) if isinstance(item, type(target)))


def _assigned(
    target: ast.expr, value: ast.expr, local: dict[str, tuple[str, ...]], declared: frozenset[str]
) -> Iterator[Supply]:
    """`cfg.model["width"] = …`, `cfg.model.width = …`; of a whole config's own keys nothing hangs.

    What changes the form of a value may be given any part as `cfg`.
    """
    match target:
        case (
            ast.Attribute(value=holder, attr=name)
            | ast.Subscript(value=holder, slice=ast.Constant(value=str(name)))
        ) if _is_config(holder, declared):
            path = config_path(holder, local)
            if path or _is_made_of(target, value):
                yield Supply(path, frozenset({name}), 0, is_open=False)
        case _:
            pass


def root_keys(tree: ast.Module, *, besides: str = "") -> Iterator[str | None]:
    """The keys that a module assigns to in a whole config, `cfg.name = …`; None for one that it computes.

    Args:
        tree: the module.
        besides: the name of a variable that holds something else.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name)) | ast.Attribute(value=ast.Name(id=name)) if (
                name == besides
            ):
                pass
            case (
                ast.Call(
                    func=ast.Attribute(value=ast.Name(id="OmegaConf"), attr="update"), args=[holder, key, *_]
                )
                | ast.Call(func=ast.Name(id="setattr"), args=[holder, key, _])
                | ast.Subscript(value=holder, slice=key, ctx=ast.Store())
            ) if is_whole(holder):
                if isinstance(key, ast.Constant):
                    yield str(key.value).partition(".")[0]
                elif isinstance(holder, ast.Name):  # what an object keeps it changes when it is asked to
                    yield None
            case ast.Attribute(value=holder, attr=name, ctx=ast.Store()) if is_whole(holder):
                yield name
            case _:
                pass


def keys_of_parameters(tree: ast.Module) -> set[str]:
    """The keys that functions assign to in a config that they are given: `def trainer(cfg): cfg.callbacks = [*…]`.

    What a script is started with is the whole config, of which its own keys are known.
    """
    found: set[str] = set()
    for function in functions_of(tree):
        if isinstance(function, ast.Module) or any(
            "main" in ast.unparse(item) for item in function.decorator_list
        ):
            continue
        given = {item.arg for item in ast.walk(function.args) if isinstance(item, ast.arg)}
        for node in ast.walk(function):
            match node:
                case (
                    ast.Attribute(value=ast.Name(id=holder) as config, attr=name, ctx=ast.Store())
                    | ast.Subscript(
                        value=ast.Name(id=holder) as config,
                        slice=ast.Constant(value=str(name)),
                        ctx=ast.Store(),
                    )
                ) if holder in given and is_whole(config):
                    found.add(name)
                case _:
                    pass
    return found


def merges_whole(tree: ast.Module) -> bool:
    """Whether a module merges a whole config with something else that is not written out there."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="OmegaConf"), attr="merge" | "unsafe_merge")):
                merged = node.args
            case ast.Call(func=ast.Attribute(value=holder, attr="merge_with")):
                merged = [holder, *node.args]
            case _:
                continue
        others = [item for item in merged if not isinstance(item, ast.Dict)]
        if len(others) > 1 and any(is_whole(item) or _ends_as_config(item) for item in others):
            return True
    return False


def _ends_as_config(expression: ast.expr) -> bool:
    """Whether a variable has a name such as `newcfg`, which is that of no part."""
    return isinstance(expression, ast.Name) and expression.id.endswith(("cfg", "conf", "config"))


def _is_config(expression: ast.expr, declared: frozenset[str]) -> bool:
    """As `holds_config`; but what an object of one's own has, is no key of a config: `self.model.width`."""
    match expression:
        case ast.Name(id="self" | "cls" | "c"):
            return False
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) | ast.Name(id=name):
            is_declared = isinstance(expression, ast.Name) and name in declared
            return is_declared or bool(_WHOLE.fullmatch(name) or _PART.fullmatch(name))
        case ast.Attribute(value=value) | ast.Subscript(value=value):
            return _is_config(value, declared)
        case _:
            return False


def _says(keywords: list[ast.keyword], name: str, value: bool) -> bool:
    return any(
        item.arg == name and isinstance(item.value, ast.Constant) and item.value.value is value
        for item in keywords
    )


def functions_of(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Module]:
    """The functions of a module; the module itself when it has none."""
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Module] = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return functions or [tree]


def is_instantiating(called: ast.expr) -> bool:
    """Whether a function that is called is Hydra's `instantiate`, or one that is named like it."""
    match called:
        # a function called `call` is Hydra's only if its module is named: `hydra.utils.call(cfg.task)`
        case ast.Name(id="call") | ast.Attribute(attr="call", value=ast.Name(id="self")):
            return False
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _FUNCTIONS or name.endswith("_instantiate") or name.startswith("instantiate_")
        case _:
            return False


def local_paths(nodes: Iterable[ast.AST]) -> dict[str, tuple[str, ...]]:
    """Local variables that the nodes of a function set to a part of a config."""
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                original = copied(value)
                is_copy = original is not value and holds_config(original, found)
                if is_copy or isinstance(value, ast.Attribute | ast.Subscript):
                    path = config_path(original, found)
                    if path:
                        found.setdefault(name, path)
            case _:
                pass
    return found


def kept_paths(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """The attributes in which objects keep a config that they are given, by another name: `self.hp = hparams`."""
    declared = _declared_configs(tree)
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Name() as value
                )
                | ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=name), value=ast.Name() as value
                )
            ) if value.id in declared or is_whole(value):
                found.setdefault(f"self.{name}", config_path(value, {}))
            case _:
                pass
    return found


def copied(expression: ast.expr) -> ast.expr:
    """What an expression makes a copy of, if it does: `OmegaConf.to_container(cfg)`, `dict(cfg)`."""
    match expression:
        case ast.Call(func=ast.Name(id="dict" | "deepcopy" | "copy"), args=[original], keywords=[]):
            return original
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="OmegaConf"), attr="to_container")
            | ast.Attribute(value=ast.Name(id="copy"), attr="deepcopy" | "copy"),
            args=[original, *_],
        ):
            return original
        case ast.Call(func=ast.Name(id="cast") | ast.Attribute(attr="cast"), args=[_, same]):
            return copied(same)
        case ast.Call(func=ast.Attribute(value=original, attr="copy"), args=[]):
            return original
        case _:
            return expression


def config_path(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The last keys of `cfg.model.net`, `self.config["model"]` or `model_cfg`; empty if they are not known."""
    match expression:
        case ast.Attribute(value=ast.Name(id="self"), attr=attr) if f"self.{attr}" in local:
            return local[f"self.{attr}"]
        case ast.Attribute(value=value, attr=attr):
            before = config_path(value, local)
            return () if not before and _WHOLE.fullmatch(attr) else (*before, *_words(attr))
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return (*config_path(value, local), key)
        case ast.Name(id=name):
            return local.get(name) or _words(name)
        case _:
            return ()


def is_whole(expression: ast.expr) -> bool:
    """Whether an expression is a variable, or an attribute of an object, that holds a whole config by its name."""
    match expression:
        case ast.Name(id="self" | "cls" | "c"):
            return False
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            return bool(_WHOLE.fullmatch(name)) and not name.endswith(_ARGUMENTS)
        case _:
            return False


def holds_config(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> bool:
    """Whether an expression is a config or a part of one, judged by the name of its variable."""
    match expression:
        case ast.Name(id=name):
            return name in local or bool(_WHOLE.fullmatch(name) or _PART.fullmatch(name))
        case ast.Attribute(value=ast.Name(id="self"), attr=attr) if f"self.{attr}" in local:
            return True
        case ast.Attribute(value=value, attr=attr):
            return bool(_WHOLE.fullmatch(attr) or _PART.fullmatch(attr)) or holds_config(value, local)
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="get"), args=[_, *_]):
            return holds_config(value, local)
        case _:
            return False


def steps_of(expression: ast.expr) -> tuple[str, ...]:
    """The keys by which an expression descends from the variable that holds a config."""
    match expression:
        case ast.Attribute(value=value, attr=attr):
            return () if _WHOLE.fullmatch(attr) else (*steps_of(value), attr)
        case (
            ast.Subscript(value=value, slice=ast.Constant(value=str(key)))
            | ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str(key)), *_])
        ):
            return (*steps_of(value), key)
        case _:
            return ()


def nodes_held_by(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The last keys of the nodes of which an expression may hold one: `model_config` the model's, or one with a `model`."""
    paths = {config_path(expression, local), steps_of(expression)} - {()}
    return paths | {(name,) for name in held_by(expression)}


def held_by(expression: ast.expr) -> set[str]:
    """The keys of which a variable may hold the node, or an attribute of an object: `self.mlp_cfg` those of `mlp_cfg`, `mlp`."""
    match expression:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            part = _words(name)
            return {name, *part} if part else set()
        case _:
            return set()


def _words(name: str) -> tuple[str, ...]:
    """The name of the part of a config that a variable holds, from the variable's own name."""
    part = _PART.fullmatch(name)
    if part is not None:
        return (part[1] or part[2],)
    return () if _WHOLE.fullmatch(name) else (name,)
