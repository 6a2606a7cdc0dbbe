"""Find the keys that a project's code removes from a config before use: `config.pop("path")`, `del cfg["_aux"]`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from serotiny.compiler.project_code.supplies import (
    copied,
    functions_of,
    holds_config,
    local_paths,
    steps_of,
)
from serotiny.compiler.tree import Keys, ends_with

Lists: TypeAlias = dict[str, list[str]]
"""The texts in each variable that holds a list of texts."""

TAKING: Final = frozenset({"pop", "del ", ".items()", "lambda "})
"""Texts of which every module contains one that removes keys."""


@dataclass(frozen=True)
class TakenOut:
    """A key that code removes from one node, or from any.

    Attributes:
        path: the last keys of the node, as far as the source shows them.
        key: the key, or a prefix of it if the code compares only that.
        is_prefix: whether `key` is a prefix.
        is_kept: whether the code goes on with the value.
    """

    path: tuple[str, ...]
    key: str
    is_prefix: bool = False
    is_kept: bool = False

    def reaches(self, keys: Keys) -> bool:
        """Whether the last of these keys is removed."""
        *node, key = keys
        if not isinstance(key, str) or not (key.startswith(self.key) if self.is_prefix else key == self.key):
            return False
        return ends_with(tuple(node), self.path)


def taken_out(tree: ast.Module) -> Iterator[TakenOut]:
    """The keys that a module removes from configs.

    A key that begins with `_` is not a parameter, so it counts whatever object it is removed from, and also
    where only the condition is seen by which a function is told to keep keys: `kept(cfg, lambda k: k != "_aux")`.
    """
    common = lists_of(tree.body)
    for scope in functions_of(tree):
        nodes = list(ast.walk(scope))
        local = local_paths(nodes)
        lists = common | lists_of(nodes)
        words = _Words(nodes, lists)
        of_targets = {name for node in nodes for name in _with_target(node)}
        dropped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            for holder, expression in _taken(node):
                # a key that another module names may be any one of the node
                if isinstance(expression, ast.Attribute) and holds_config(holder, local) and steps_of(holder):
                    yield TakenOut(steps_of(holder), "", is_prefix=True, is_kept=True)
                for key, is_prefix in words.of(expression):
                    is_config = holds_config(holder, local) or ast.unparse(holder) in of_targets
                    if key.startswith("_") or is_config:
                        is_kept = isinstance(node, ast.Call) and id(node) not in dropped
                        yield TakenOut(steps_of(holder), key, is_prefix, is_kept)
            match node:
                case ast.DictComp(generators=[loop]):
                    for of, found in _left_out(loop, lists):
                        holder = copied(of)
                        if holds_config(holder, local):
                            yield TakenOut(steps_of(holder), *found)
                case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)]), body=condition):
                    for asked, (key, is_prefix) in _asked(condition, lists, negated=True):
                        if asked == name and key.startswith("_"):
                            yield TakenOut((), key, is_prefix)
                case _:
                    pass


def _taken(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The object that a statement removes a key from, and the key."""
    match node:
        case ast.Call(func=ast.Attribute(value=holder, attr="pop"), args=[key, *_]):
            yield holder, key
        case ast.Call(func=ast.Name(id="delattr"), args=[holder, key]):
            yield holder, key
        case ast.Delete(targets=targets):
            for target in targets:
                match target:
                    case ast.Subscript(value=holder, slice=key):
                        yield holder, key
                    case ast.Attribute(value=holder, attr=name):
                        yield holder, ast.Constant(name)
                    case _:
                        pass
        case _:
            pass


def _with_target(node: ast.AST) -> Iterator[str]:
    """The variable of which a `_target_` is read or removed."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop" | "get"), args=[key, *_]):
            holds = isinstance(key, ast.Constant) and key.value == "_target_"
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value="_target_")):
            holds = True
        case _:
            return
    if holds:
        yield name


class _Words:
    """The texts that the variables of a function are compared with, or that loops assign to them."""

    def __init__(self, nodes: Iterable[ast.AST], lists: Lists) -> None:
        self._found: dict[str, list[tuple[str, bool]]] = {}
        for node in nodes:
            match node:
                case ast.Compare() | ast.Call():
                    for name, found in _asked(node, lists):
                        self._found.setdefault(name, []).append(found)
                case ast.For(target=ast.Name(id=name), iter=values):
                    self._found.setdefault(name, []).extend((text, False) for text in _texts(values, lists))
                case _:
                    pass

    def of(self, expression: ast.expr) -> list[tuple[str, bool]]:
        """The keys that an expression may be equal to, each with whether it is only a prefix."""
        match expression:
            case ast.Constant(value=str(key)):
                return [(key, False)]
            case ast.Name(id=name):
                return self._found.get(name, [])
            case _:
                return []


def _left_out(loop: ast.comprehension, lists: Lists) -> Iterator[tuple[ast.expr, tuple[str, bool]]]:
    """The keys that a comprehension over a mapping skips: `for k, v in cfg.items() if k != "name"`."""
    match loop:
        case ast.comprehension(
            target=ast.Tuple(elts=[ast.Name(id=key), _]),
            iter=ast.Call(func=ast.Attribute(value=holder, attr="items")),
            ifs=conditions,
        ):
            for condition in conditions:
                for name, found in _asked(condition, lists, negated=True):
                    if name == key:
                        yield holder, found
        case _:
            pass


def _asked(node: ast.AST, lists: Lists, *, negated: bool = False) -> Iterator[tuple[str, tuple[str, bool]]]:
    """The variable that a condition is about, with each text that it is compared with."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=inner) if negated:
            yield from _asked(inner, lists)
        case ast.BoolOp(op=ast.And(), values=parts) if negated:
            for part in parts:
                yield from _asked(part, lists, negated=True)
        case ast.Compare(left=ast.Name(id=name), ops=[operator], comparators=[right]):
            if isinstance(operator, ast.NotEq | ast.NotIn if negated else ast.Eq | ast.In):
                for text in _texts(right, lists):
                    yield name, (text, False)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="startswith"), args=[given]):
            if not negated:
                for text in _texts(given, lists):
                    yield name, (text, True)
        case _:
            pass


def lists_of(nodes: Iterable[ast.AST]) -> Lists:
    """The variables that these statements set only to lists of texts."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found.setdefault(name, []).append(value)
            case _:
                pass
    return {
        name: _texts(values[0], {})
        for name, values in found.items()
        if len(values) == 1 and isinstance(values[0], ast.List | ast.Tuple | ast.Set)
    }


def _texts(expression: ast.expr, lists: Lists) -> list[str]:
    match expression:
        case ast.Name(id=name):
            return lists.get(name, [])
        case ast.Constant(value=str(text)):
            return [text]
        case ast.BinOp(left=left, op=ast.BitOr() | ast.Add(), right=right):
            return [*_texts(left, lists), *_texts(right, lists)]
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return [
                item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
        case _:
            return []
