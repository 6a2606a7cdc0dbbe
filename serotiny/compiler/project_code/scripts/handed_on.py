"""Find the calls that get a part of a config as their keyword arguments: `Trainer(**cfg.trainer)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serotiny.compiler.project_code.scripts.script_config import is_changed, keys_below
from serotiny.compiler.project_code.scripts.script_scope import Scope, names_of
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
        is_certain: the script makes the call whatever its config says, and there rather than later (`partial`).
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

_PARTIAL: Final = "functools.partial"


def handed_on(functions: Sequence[Scope]) -> Iterator[HandedOn]:
    """The calls that a script makes with a part of its config as it is.

    The config is what `hydra.main` gives to a function, and what that hands on to functions and classes of the project.
    """
    own = names_of(functions)
    given_away = {keys for scope in functions for keys in _given_away(scope, own)}
    for scope in functions:
        changed = [
            keys
            for node in scope.nodes
            if is_changed(node)
            for keys in [keys_below(scope.known, node)]
            if keys
        ]
        for node in scope.nodes:
            match node:
                case ast.Call(args=first, keywords=given) if not any(
                    isinstance(item, ast.Starred) for item in first
                ):
                    spread = [item.value for item in given if item.arg is None]
                    target = scope.script.module.imported(node.func) if len(spread) == 1 else None
                case _:
                    continue
            is_later = target == _PARTIAL
            if is_later:  # of what is called then, no more than the function is known
                target, first = scope.script.module.imported(first[0]) if first else None, first[1:]
            keys = keys_below(scope.untouched, copied(spread[0])) if target is not None else None
            if keys and target is not None and not any(keys[: len(whole)] == whole for whole in changed):
                names = frozenset(item.arg for item in given if item.arg is not None)
                yield HandedOn(
                    keys=keys,
                    target=target,
                    names=names,
                    positions=len(first),
                    file=scope.script.file,
                    line=node.lineno,
                    is_certain=not is_later and id(node) in scope.certain,
                    is_unchanged=not is_later
                    and not any(keys[: len(whole)] == whole for whole in given_away),
                )


def _given_away(scope: Scope, own: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The keys of the parts that get further keys, or may get them by a call or in a variable that is not looked at."""
    known = scope.known
    for node in scope.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=holder, attr="update" | "merge_with" | "setdefault")):
                given = [holder, *node.args]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name not in own | _READING:
                given = [*node.args, *(item.value for item in node.keywords if item.arg is not None)]
            case ast.Attribute(value=holder) | ast.Subscript(value=holder) if is_changed(node):
                given = [holder] if keys_below(known, holder) else []
            case ast.Assign(targets=[ast.Name(id=name)]) if name in known:
                continue
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                given = [value]
            case _:
                continue
        yield from (keys for value in given if (keys := keys_below(known, value)) is not None)
