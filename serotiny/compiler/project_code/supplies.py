"""What a project's code gives to nodes of a config when it instantiates them: `instantiate(cfg.task, model=net)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.tree import Keys

INSTANTIATING: Final = frozenset({"instantiate", "call", "maybe_instantiate"})
_WHOLE: Final = re.compile(r"(?:\w*_)?(?:cfg|config|conf|hparams|args|options)\d*|self|cls|c")
"""A variable that holds a whole config."""
_PART: Final = re.compile(r"_?(?:(?:cfg|config|conf)_(\w+)|(\w+?)_(?:cfg|config|conf))")
"""A variable that is named for the part of a config that it holds."""


@dataclass(frozen=True)
class Supply:
    """One call that instantiates a node and gives it more.

    Attributes:
        path: the end of the node's keys, as far as the source tells it; all of them are words.
        names: the parameters that the call names.
        positions: how many it gives by position.
        is_open: it hands on `*args` or `**kwargs`: any parameter may be among them.
    """

    path: tuple[str, ...]
    names: frozenset[str]
    positions: int
    is_open: bool

    def reaches(self, keys: Keys) -> bool:
        """Whether the call may be about the node at some keys."""
        return tuple(keys[-len(self.path) :]) == self.path


def supplies(tree: ast.Module) -> Iterator[Supply]:
    """The calls of a module that give more than the node itself has."""
    for scope in _functions(tree):
        local = _local_paths(scope)
        for node in ast.walk(scope):
            match node:
                case ast.Call(func=called, args=[config, *rest], keywords=keywords) if _is_instantiating(
                    called
                ):
                    path = _path(config, local)
                    names = {item.arg for item in keywords if item.arg and not item.arg.startswith("_")}
                    is_open = any(item.arg is None for item in keywords) or any(
                        isinstance(item, ast.Starred) for item in rest
                    )
                    if path and (names or rest or is_open):
                        yield Supply(path, frozenset(names), len(rest), is_open)
                case _:
                    pass


def _functions(tree: ast.Module) -> list[ast.AST]:
    functions: list[ast.AST] = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return functions or [tree]


def _is_instantiating(called: ast.expr) -> bool:
    match called:
        case ast.Name(id="call") | ast.Attribute(attr="call", value=ast.Name(id="self")):
            return False
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in INSTANTIATING or name.endswith("_instantiate") or name.startswith("instantiate_")
        case _:
            return False


def _local_paths(scope: ast.AST) -> dict[str, tuple[str, ...]]:
    """Local variables that are set to a part of a config."""
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(scope):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if isinstance(value, ast.Attribute | ast.Subscript):
                path = _path(value, found)
                if path:
                    found.setdefault(name, path)
            case _:
                pass
    return found


def _path(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The keys that `cfg.model.net`, `self.config["model"]` or `model_cfg` end in; none where this cannot be told."""
    match expression:
        case ast.Attribute(value=value, attr=attr):
            before = _path(value, local)
            return () if not before and _WHOLE.fullmatch(attr) else (*before, *_words(attr))
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return (*_path(value, local), key)
        case ast.Name(id=name):
            return local.get(name) or _words(name)
        case _:
            return ()


def _words(name: str) -> tuple[str, ...]:
    """What the name of a variable says of the part that it holds."""
    part = _PART.fullmatch(name)
    if part is not None:
        return (part[1] or part[2],)
    return () if _WHOLE.fullmatch(name) else (name,)
