"""Find the keys that a script reads from its config: `cfg.train.epochs`, `cfg.get("seed")`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from serotiny.cache.questions import FOR_PEOPLE
from serotiny.compiler.project_code.scripts.script_config import keys_below
from serotiny.compiler.project_code.scripts.script_scope import Scope


@dataclass(frozen=True)
class ScriptRead:
    """One place where a script reads a key of its config.

    Attributes:
        keys: from the top of the config.
        file: the script, or the module of a function that it gives its config.
        line: the line of the place; a verdict that tells it asks for it (`Scripts.line_of_read`).
        is_certain: the script reads it whatever its config says, and fails where it is not there.
    """

    keys: tuple[str, ...]
    file: Path
    line: int = field(metadata={FOR_PEOPLE: True})
    is_certain: bool


def script_reads(functions: Sequence[Scope]) -> Iterator[ScriptRead]:
    """The keys that a script reads in the functions that are given its config, or a part of it."""
    is_strict = not any(map(_is_opening, (node for scope in functions for node in scope.nodes)))
    for scope in functions:
        methods = {id(node.func) for node in scope.nodes if isinstance(node, ast.Call)}
        for node in scope.nodes:
            if id(node) in methods:
                continue
            keys, fails = _read_by(node, scope)
            if keys:
                is_certain = is_strict and fails and id(node) in scope.certain
                yield ScriptRead(keys, scope.script.file, getattr(node, "lineno", 0), is_certain)


def _read_by(node: ast.AST, scope: Scope) -> tuple[tuple[str, ...] | None, bool]:
    """The keys that an expression reads, and whether it fails where they are not there."""
    match node:
        case (
            ast.Call(func=ast.Attribute(value=holder, attr="get"), args=[ast.Constant(value=str(key)), *more])
            | ast.Call(func=ast.Name(id="getattr"), args=[holder, ast.Constant(value=str(key)), *more])
            | ast.Call(
                func=ast.Attribute(value=ast.Name(id="OmegaConf"), attr="select"),
                args=[holder, ast.Constant(value=str(key)), *more],
            )
        ):
            above = keys_below(scope.known, holder)
            fails = isinstance(node.func, ast.Name) and not more
            return None if above is None else (*above, *key.split(".")), fails
        case ast.Attribute(value=ast.Name(id="self")):
            return None, False
        case ast.Attribute(ctx=ast.Load()) | ast.Subscript(ctx=ast.Load()):
            return keys_below(scope.known, node), True
        case _:
            return None, False


def _is_opening(node: ast.AST) -> bool:
    """Whether a node makes a config give null for a key that is not there."""
    match node:
        case ast.Call(
            func=ast.Name(id="set_struct") | ast.Attribute(attr="set_struct"),
            args=[_, ast.Constant(value=False)],
        ):
            return True
        case _:
            return False
