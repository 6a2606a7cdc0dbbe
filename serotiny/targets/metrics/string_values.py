"""The texts that an expression may evaluate to: constants, f-strings, and arguments of the class's own methods."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from serotiny.targets.metrics.logged_metrics import HOLE, Pieces

if TYPE_CHECKING:
    from serotiny.targets.metrics.methods import Method, Methods

_MOST: Final = 64
"""With more alternatives than this the text counts as unknown."""
_DEPTH: Final = 12
_STEPS: Final = 2000
"""The most expressions that are evaluated, since alternatives multiply with depth; the rest counts as unknown."""
_DICT: Final = ast.Name("dict")
_FIELDS: Final = {"%": r"%[-+ #0]*\d*(?:\.\d+)?(?:\(\w+\))?[a-zA-Z]", "format": r"\{[^{}]*\}"}


class StringValues:
    """Evaluates expressions within the methods of one class."""

    def __init__(self, methods: Methods) -> None:
        self._methods = methods
        self._steps = 0

    def texts(self, node: ast.expr | None, method: Method, depth: int = 0) -> set[Pieces]:
        """The texts that an expression may evaluate to."""
        found = set(self._texts(node, method, depth + 1)) if self._may_go_on(depth) else {HOLE}
        return found if 0 < len(found) <= _MOST else {HOLE}

    def keys(self, node: ast.expr | None, method: Method, depth: int = 0) -> set[Pieces]:
        """The keys of the mappings that an expression may evaluate to."""
        found = set(self._keys(node, method, depth + 1)) if self._may_go_on(depth) else {HOLE}
        return found if len(found) <= _MOST else {HOLE}

    def _may_go_on(self, depth: int) -> bool:
        self._steps += 1
        return depth < _DEPTH and self._steps < _STEPS

    def _texts(self, node: ast.expr | None, method: Method, depth: int) -> Iterator[Pieces]:
        match node:
            case ast.Constant(value=str(text)):
                yield (text,)
            case ast.JoinedStr(values=values):
                yield from _joined([self.texts(value, method, depth) for value in values])
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                yield from self.texts(value, method, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from _joined([self.texts(left, method, depth), self.texts(right, method, depth)])
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
                yield tuple(re.split(_FIELDS["%"], text))
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                yield tuple(re.split(_FIELDS["format"], text))
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.texts(body, method, depth)
                yield from self.texts(orelse, method, depth)
            case ast.Name(id=name):
                for meant, at in self._methods.values(name, method):
                    yield from self.texts(meant, at, depth)
            case _:
                yield HOLE

    def _keys(self, node: ast.expr | None, method: Method, depth: int) -> Iterator[Pieces]:
        match node:
            case ast.Dict(keys=keys, values=values):
                for item, value in zip(keys, values, strict=True):
                    if item is None:  # `{**value}`
                        yield from self.keys(value, method, depth)
                    else:
                        yield from self.texts(item, method, depth)
            case ast.DictComp(key=key):
                yield from self.texts(key, method, depth)
            case ast.Call(func=ast.Name(id="dict"), args=args, keywords=keywords):
                for arg in args:
                    yield from self.keys(arg, method, depth)
                for keyword in keywords:
                    if keyword.arg is None:  # `dict(**value)`
                        yield from self.keys(keyword.value, method, depth)
                    else:
                        yield (keyword.arg,)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from self.keys(left, method, depth)
                yield from self.keys(right, method, depth)
            case ast.Name(id=name):
                for meant, at in self._methods.values(name, method):
                    yield from self.keys(meant, at, depth)
                yield from self._items_set(name, method, depth)
            case _:
                yield HOLE

    def _items_set(self, name: str, method: Method, depth: int) -> Iterator[Pieces]:
        """The keys that statements add to a mapping in a local variable."""
        for node in method.nodes:
            match node:
                case ast.Subscript(value=ast.Name(id=other), slice=item, ctx=ast.Store()) if other == name:
                    yield from self.texts(item, method, depth)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=other), attr="update")) if other == name:
                    yield from self._keys(ast.Call(_DICT, node.args, node.keywords), method, depth)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=other), attr="setdefault")) if (
                    other == name
                ):
                    yield HOLE
                case ast.AugAssign(target=ast.Name(id=other), value=value) if other == name:
                    yield from self.keys(value, method, depth)
                case ast.Call() if _is_given(name, node):
                    if not _only_reads(node):
                        yield HOLE
                case _:
                    pass


def _is_given(name: str, call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Name) and value.id == name for value in given)


def _only_reads(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in ("dict", "len", "sorted", "list", "print", "sum", "str")
        case ast.Attribute(attr=name):
            return name in ("log_dict", "update", "append", "info", "debug")
        case _:
            return False


def _joined(parts: Iterable[set[Pieces]]) -> Iterator[Pieces]:
    parts = list(parts)
    count = 1
    for part in parts:
        count *= len(part)
    if count > _MOST:
        yield HOLE
        return
    for chosen in product(*parts):
        pieces: list[str] = [""]
        for text in chosen:
            pieces[-1] += text[0]
            pieces += text[1:]
        yield tuple(pieces)
