"""Find the keys that a project's code reads from its configs: `cfg.model.width`, `cfg["model"].get("width")`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from serotiny.compiler.project_code.supplies import config_path, functions_of, is_instantiating, local_paths
from serotiny.compiler.tree import Keys, ends_with

Read: TypeAlias = tuple[str, str]
"""The name of a node, and the key in it that is read."""


@dataclass
class Reads:
    """What a module does with the parts of a config.

    Attributes:
        read: the keys that it reads.
        asked: those of them that a condition depends on.
        made: the last keys of the nodes that it instantiates, as far as the source shows them.
    """

    read: set[Read] = field(default_factory=set)
    asked: set[Read] = field(default_factory=set)
    made: set[tuple[str, ...]] = field(default_factory=set)

    @classmethod
    def of_module(cls, tree: ast.Module) -> Reads:
        """What the functions of a module read."""
        found = cls()
        for scope in functions_of(tree):
            nodes = list(ast.walk(scope))
            local = local_paths(nodes)
            found.read |= set(_reads(nodes, local))
            for node in nodes:
                match node:
                    case ast.If(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                        found.asked |= set(_reads(ast.walk(test), local))
                    case ast.Call(func=called, args=[config, *_]) if is_instantiating(called):
                        found.made.add(config_path(config, local))
                    case _:
                        pass
        return found

    def makes(self, keys: Keys) -> bool:
        """Whether it instantiates the node at some keys, or one around it."""
        return any(
            path and ends_with(keys[:depth], path) for path in self.made for depth in range(1, len(keys) + 1)
        )


def _reads(nodes: Iterable[ast.AST], local: dict[str, tuple[str, ...]]) -> Iterator[Read]:
    for node in nodes:
        match node:
            case (
                ast.Attribute(value=holder, attr=key)
                | ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
            ):
                pass
            case (
                ast.Call(
                    func=ast.Attribute(value=holder, attr="get"), args=[ast.Constant(value=str(key)), *_]
                )
                | ast.Call(
                    func=ast.Name(id="getattr" | "hasattr") | ast.Attribute(attr="select"),
                    args=[holder, ast.Constant(value=str(key)), *_],
                )
            ):
                pass
            case _:
                continue
        *above, last = key.split(".")
        for name in _names(holder, local) if not above else above[-1:]:
            yield name, last


def _names(holder: ast.expr, local: dict[str, tuple[str, ...]]) -> set[str]:
    """The names of the node that an expression stands for: the key that it reads, or that its variable tells."""
    names = {*config_path(holder, local)[-1:]}
    match holder:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return {*names, name}
        case _:
            return names
