"""Find the keys that a script reads from its config: `cfg.train.epochs`, `cfg.get("seed")`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from serotiny.cache.questions import FOR_PEOPLE
from serotiny.compiler.project.source_module import SourceModule, SourceTree
from serotiny.compiler.project_code.script_config import (
    aliases,
    keys_below,
    taking_config,
    unconditional,
)


@dataclass(frozen=True)
class ScriptRead:
    """One place where a script reads a key of its config.

    Attributes:
        keys: from the top of the config.
        file: the script.
        line: the line of the place; a verdict that tells it asks for it (`ProjectCode.line_of_read`).
        is_certain: the script reads it whatever its config says, and fails where it is not there.
    """

    keys: tuple[str, ...]
    file: Path
    line: int = field(metadata={FOR_PEOPLE: True})
    is_certain: bool


def script_reads(file: Path, tree: ast.Module) -> Iterator[ScriptRead]:
    """The keys that a script reads in the functions that are given its whole config."""
    for function, config, is_reached in taking_config(SourceModule(file, tree, SourceTree(())), tree):
        known = {config: (), **dict(aliases(config, function))}
        certain = {id(node) for node in _evaluated(function.body)} if is_reached else set()
        nodes = [*ast.walk(function)]
        methods = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            match node:
                case ast.Call(
                    func=ast.Attribute(value=holder, attr="get"), args=[ast.Constant(value=str(key)), *_]
                ):
                    above, is_certain = keys_below(known, holder), False
                    keys = None if above is None else (*above, key)
                case ast.Attribute(ctx=ast.Load()) | ast.Subscript(ctx=ast.Load()) if id(node) not in methods:
                    keys, is_certain = keys_below(known, node), id(node) in certain
                case _:
                    continue
            if keys:
                yield ScriptRead(keys, file, node.lineno, is_certain)


def _evaluated(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a function that are evaluated whatever happens."""
    left_out = {id(inner) for node in unconditional([*body]) for inner in _perhaps_evaluated(node)}
    return (node for node in unconditional([*body]) if id(node) not in left_out)


def _perhaps_evaluated(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            parts: list[ast.AST] = [body, orelse]
        case ast.BoolOp(values=[_, *others]):
            parts = [*others]
        case ast.Lambda(body=body):
            parts = [body]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            parts = [node]
        case _:
            parts = []
    return (inner for part in parts for inner in ast.walk(part))
