"""Find the calls that get single values of a config as they are: `seed_everything(cfg.seed)`, `Adam(lr=cfg.lr)`."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from serotiny.cache.questions import FOR_PEOPLE
from serotiny.compiler.project_code.scripts.script_config import is_changed, keys_below
from serotiny.compiler.project_code.scripts.script_scope import Scope, names_of


@dataclass(frozen=True)
class GivenValue:
    """One argument of a call in a script that is a value of its config.

    Attributes:
        keys: the keys of the value, from the top of the config.
        target: the dotted path of what is called.
        parameter: the name of its parameter, or its position.
        file: the script, or the module of a function that it gives its config.
        line: the line of the call.
        is_certain: the script makes the call whatever its config says.
    """

    keys: tuple[str, ...]
    target: str
    parameter: str | int
    file: Path
    line: int = field(metadata={FOR_PEOPLE: True})
    is_certain: bool


def given_values(functions: Sequence[Scope]) -> Iterator[GivenValue]:
    """The values of its config that a script gives to something imported, on no condition that is seen."""
    own = names_of(functions)
    changed = {keys for scope in functions for keys in _changed(scope)}
    given_away = {keys for scope in functions for keys in _given_away(scope, own)}
    for scope in functions:
        for node in scope.nodes:
            target = scope.script.module.imported(node.func) if isinstance(node, ast.Call) else None
            if not isinstance(node, ast.Call) or target is None or scope.asks_before(node):
                continue
            for parameter, value in _arguments(node):
                keys = keys_below(scope.known, value)
                around = {keys[:depth] for depth in range(len(keys))} if keys else set()
                if keys and changed.isdisjoint({*around, keys}) and given_away.isdisjoint(around):
                    yield GivenValue(
                        keys=keys,
                        target=target,
                        parameter=parameter,
                        file=scope.script.file,
                        line=node.lineno,
                        is_certain=id(node) in scope.certain,
                    )


def assigned_names(text: bytes) -> set[bytes]:
    """The keys to which a module may give another value in a config: `cfg.name = …`, `cfg["name"] += …`."""
    return set(_ASSIGNMENT.findall(text))


_LEAVING: Final = sys.stdlib_module_names | {
    *("hydra", "omegaconf", "rich", "wandb", "mlflow", "torch", "numpy", "transformers", "accelerate"),
    *("lightning", "lightning_fabric", "lightning_utilities", "pytorch_lightning"),
}
"""Packages whose functions read a config that they are given, and change nothing in it."""

_ASSIGNMENT: Final = re.compile(
    rb"(?:(?<!\bself)\.|\[\s*['\"])(\w+)(?:['\"]\s*\])?\s*(?:[-+*/%|&@]|//)?=(?!=)"
)


def _arguments(call: ast.Call) -> Iterator[tuple[str | int, ast.expr]]:
    """The arguments of a call, up to the first that is not seen, by name or position."""
    for position, value in enumerate(call.args):
        if isinstance(value, ast.Starred):
            break
        yield position, value
    yield from ((item.arg, item.value) for item in call.keywords if item.arg is not None)


def _changed(scope: Scope) -> Iterator[tuple[str, ...]]:
    """The keys of what a function changes in the config."""
    for node in scope.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=part, attr="update" | "merge_with" | "__setitem__")):
                keys = keys_below(scope.known, part)
            case ast.Call(func=ast.Name(id="setattr"), args=[part, *_]):
                keys = keys_below(scope.known, part)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="OmegaConf"), attr="update"), args=[part, *_]):
                keys = keys_below(scope.known, part)
            case _:
                keys = keys_below(scope.known, node) if is_changed(node) else None
        if keys is not None:
            yield keys


def _given_away(scope: Scope, own: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The keys of what a function gives to one of another package that may change it, for nothing that this returns."""
    for node in scope.nodes:
        match node:
            case ast.Expr(value=ast.Call() as call):
                target = scope.script.module.imported(call.func) or ""
            case _:
                continue
        if target and target.rpartition(".")[2] not in own and target.partition(".")[0] not in _LEAVING:
            given = (keys_below(scope.known, value) for _, value in _arguments(call))
            yield from (keys for keys in given if keys is not None)
