"""Evaluate constants of a module, texts and paths, from its source without importing it."""

from __future__ import annotations

import ast
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from serotiny.compiler.limits import MAX_SOURCE_BYTES
from serotiny.compiler.project.source_roots import repository_of
from serotiny.filesystem import is_file, is_folder, read_plain_file
from serotiny.reads import file_state

_ROOT_FINDERS = frozenset({"setup_root", "find_root"})
"""The functions of rootutils and pyrootutils."""

_DEPTH = 8
"""The length of chains of names and imports that are followed."""


@dataclass
class SourceTree:
    """The modules of a repository, each read when it is first needed.

    Attributes:
        roots: the folders that its modules are imported from.
    """

    roots: tuple[Path, ...]
    _read: dict[Path, SourceModule | None] = field(default_factory=dict, init=False)

    def module(self, name: str) -> SourceModule | None:
        """A module by its dotted name; None if it is not in the repository."""
        for root in self.roots:
            path = root.joinpath(*name.split("."))
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if is_file(file):
                    return self._module(file)
        return None

    def package(self, name: str) -> Path | None:
        """The folder of a package by its dotted name."""
        folders = [root.joinpath(*name.split(".")) for root in self.roots]
        return next((folder for folder in folders if is_folder(folder)), None)

    def _module(self, file: Path) -> SourceModule | None:
        file_state(os.fspath(file))  # who is given what was read before depends on it as well
        if file not in self._read:
            try:
                self._read[file] = SourceModule(
                    file, ast.parse(read_plain_file(file, MAX_SOURCE_BYTES)), self
                )
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._read[file] = None
        return self._read[file]


class SourceModule:
    """The calls in one module, and the values of its constants.

    Attributes:
        nodes: all nodes of its syntax tree.
    """

    def __init__(self, file: Path, tree: ast.Module, around: SourceTree) -> None:
        self._file = file
        self.nodes = tuple(ast.walk(tree))
        self._around = around
        self._constants: dict[str, ast.expr] = {}
        self._names: dict[str, str] = {}
        self._defaults: dict[str, ast.expr] = {}
        self._calls: list[ast.Call] = []
        for node in self.nodes:
            match node:
                case ast.Import(names):
                    self._names |= {item.asname or item.name: item.name for item in names if item.asname}
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    self._names |= {item.asname or item.name: f"{module}.{item.name}" for item in names}
                case (
                    ast.Assign(targets=[ast.Name(name)], value=value)
                    | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
                ):
                    self._constants.setdefault(name, value)
                case ast.Call():
                    self._calls.append(node)
                case ast.FunctionDef(args=taken):
                    self._defaults |= dict(_defaults_of(taken))

    def calls(self, name: str) -> Iterator[ast.Call]:
        """The calls of one of Hydra's functions."""
        for call in self._calls:
            path = self._path(call.func)
            if path is not None and path.split(".")[0] == "hydra" and path.endswith(f".{name}"):
                yield call

    def argument(self, call: ast.Call, name: str, position: int) -> ast.expr | None:
        """The argument that a call gives for a parameter, by its name or position, or in a mapping that it spreads.

        One that the function around takes itself is what it has by default: `def main(config_name="train")`.
        """
        given = _argument_of(call, name, position)
        if isinstance(given, ast.Name) and given.id not in self._constants:
            return self._defaults.get(given.id, given)
        spread = (item.value for item in call.keywords if item.arg is None)
        return given or next((value for mapping in spread if (value := self._item(mapping, name))), None)

    def _item(self, mapping: ast.expr, name: str, depth: int = 0) -> ast.expr | None:
        """What stands under a name in a mapping that is written out."""
        if depth > _DEPTH:
            return None
        match mapping:
            case ast.Dict(keys, values):
                pairs = [
                    (value if key is None else None, value, getattr(key, "value", None))
                    for key, value in zip(keys, values, strict=True)
                ]
            case ast.Call(ast.Name("dict"), [], keywords):
                pairs = [
                    (item.value if item.arg is None else None, item.value, item.arg) for item in keywords
                ]
            case ast.BinOp(left, ast.BitOr(), right):
                pairs = [(left, left, None), (right, right, None)]
            case ast.Name(variable) if variable in self._constants:
                return self._item(self._constants[variable], name, depth + 1)
            case _:
                return None
        for spread, value, key in reversed(pairs):
            found = value if key == name else None if spread is None else self._item(spread, name, depth + 1)
            if found is not None:
                return found
        return None

    @cached_property
    def _bound(self) -> Counter[str]:
        """How often each name is bound, which is asked of few modules."""
        return Counter(name for node in self.nodes for name in _bound_by(node))

    def is_bound(self, name: str) -> bool:
        """Whether it binds a name anywhere."""
        return name in self._bound

    def is_bound_once(self, name: str) -> bool:
        """Whether it binds a name in one place alone, so that it is known what that is."""
        return self._bound[name] == 1

    def imported(self, value: ast.expr) -> str | None:
        """The dotted path of something that is imported; None where the name is bound to anything else as well."""
        first = value
        while isinstance(first, ast.Attribute):
            first = first.value
        path = self._path(value)
        is_certain = isinstance(first, ast.Name) and self.is_bound_once(first.id)
        return path if is_certain and path is not None and "." in path else None

    def function(self, value: ast.expr, depth: int = 0) -> ast.FunctionDef | None:
        """The function that a name stands for, of this module or of another one of the repository; None if it is not certain."""
        found = [
            node for node in self.nodes if isinstance(node, ast.FunctionDef) and node.name == _name(value)
        ]
        if isinstance(value, ast.Name) and found:
            return found[0] if self.is_bound_once(value.id) else None
        module, _, name = (self.imported(value) or "").rpartition(".")
        other = self._around.module(module) if module and depth < _DEPTH else None
        return None if other is None else other.function(ast.Name(name), depth + 1)

    def constant(self, name: str, depth: int = 0) -> str | None:
        """The text that a top-level name of the module is set to, if it is known."""
        if name in self._constants:
            return self._text(self._constants[name], depth + 1)
        return self._of_other(self._names.get(name, ""), depth)

    def _of_other(self, path: str, depth: int) -> str | None:
        """The text of a name in another module of the repository, if it is known."""
        module, _, name = path.rpartition(".")
        other = self._around.module(module) if module and depth < _DEPTH else None
        return None if other is None else other.constant(name, depth + 1)

    def text(self, value: ast.expr | None) -> str | None:
        """The text or path that an expression evaluates to, if the source shows it."""
        return self._text(value)

    def folder(self, value: ast.expr | None) -> Path | None:
        """The folder of a path that is relative to the module's folder, or below what is most likely the repository."""
        text = self._text(value)
        if text is None:
            return None if value is None else self._below_unseen(value)
        if "://" in text:
            return None
        path = Path(text)
        return Path(os.path.normpath(path if path.is_absolute() else self._file.parent / path))

    def _below_unseen(self, value: ast.expr) -> Path | None:
        """The folder that is joined to an imported path, where the repository has it: `ROOT / "conf"` of another package."""
        match value:
            case ast.Call(function, [inner]) if (self._path(function) or "").endswith(
                ("str", "Path", "fspath")
            ):
                return self._below_unseen(inner)
            case ast.Call(ast.Attribute(part, "resolve" | "absolute" | "as_posix"), []):
                return self._below_unseen(part)
            case ast.BinOp(ast.Name(name), ast.Div(), right) if name in self._names:
                above = repository_of(self._file.parent)
            case ast.BinOp(left, ast.Div(), right):
                above = self._below_unseen(left)
            case _:
                return None
        below = self._text(right)
        found = None if above is None or below is None else above / below
        return found if found is not None and is_folder(found) else None

    def set_up_roots(self) -> Iterator[Path]:
        """The folders that rootutils puts on Python's path here."""
        for call in self._calls:
            is_put = any(
                keyword.arg == "pythonpath"
                and isinstance(keyword.value, ast.Constant)
                and keyword.value.value
                for keyword in call.keywords
            )
            if is_put and _name(call.func) in _ROOT_FINDERS and (found := self._root_of(call)) is not None:
                yield found

    def _root_of(self, call: ast.Call) -> Path | None:
        """The nearest folder above the module with one of the files that a call of rootutils names."""
        given = [keyword.value for keyword in call.keywords if keyword.arg == "indicator"]
        match [*given, *call.args[1:2]]:
            case [ast.List(items) | ast.Tuple(items), *_]:
                marks = [self._text(item) for item in items]
            case [value, *_]:
                marks = [self._text(value)]
            case _:
                return repository_of(self._file.parent)
        return repository_of(self._file.parent, [mark for mark in marks if mark is not None])

    def package(self, value: ast.expr | None) -> Path | None:
        """The folder of the package with the name that an expression evaluates to."""
        text = self._text(value)
        return None if text is None else self._around.package(text)

    def config(self, value: ast.expr | None) -> str | None:
        """The name of the config that an expression evaluates to, without its suffix."""
        text = self._text(value)
        return None if not text else text.removesuffix(".yaml")

    def _path(self, value: ast.expr) -> str | None:
        """The dotted path of a name, as imported here."""
        match value:
            case ast.Name(name):
                return self._names.get(name, name)
            case ast.Attribute(inner, name):
                head = self._path(inner)
                return None if head is None else f"{head}.{name}"
            case _:
                return None

    def _text(self, value: ast.expr | None, depth: int = 0) -> str | None:
        """The text that an expression evaluates to, if the source shows it."""
        if value is None or depth > _DEPTH:
            return None

        def inner(part: ast.expr | None) -> str | None:
            return self._text(part, depth + 1)

        match value:
            case ast.Constant(str(text)):
                return text
            case ast.JoinedStr(written):
                texts = [inner(part) for part in written]
                return None if None in texts else "".join(text for text in texts if text is not None)
            case ast.FormattedValue(part, -1, None):
                return inner(part)
            case ast.Name("__file__"):
                return str(self._file)
            case ast.Name(name):
                return self.constant(name, depth)
            case ast.Attribute(part, "parent"):
                below = inner(part)
                return None if below is None else str(Path(below).parent)
            case ast.Subscript(ast.Attribute(part, "parents"), ast.Constant(int(steps))):
                return _above(inner(part), steps)
            case ast.Attribute():
                return self._of_other(self._path(value) or "", depth)
            case ast.BinOp(left, ast.Div(), right):
                return _joined(inner(left), inner(right))
            case ast.Call(ast.Attribute(part, "resolve" | "absolute" | "as_posix"), []):
                return inner(part)
            case ast.Call(ast.Attribute(part, "joinpath"), more):
                return self._called("join", inner(part), [inner(item) for item in more])
            case ast.Call(function) as call if _name(function) in _ROOT_FINDERS:
                found = self._root_of(call)
                return None if found is None else str(found)
            case ast.Call(function, [first, *rest]):
                return self._called(self._path(function) or "", inner(first), [inner(part) for part in rest])
            case _:
                return None

    @staticmethod
    def _called(function: str, first: str | None, rest: list[str | None]) -> str | None:
        match function.rpartition(".")[2], rest:
            case (("str" | "Path" | "PurePath" | "abspath" | "realpath" | "fspath"), []):
                return first
            case "dirname", []:
                return None if first is None else str(Path(first).parent)
            case "join" | "Path", [*more]:
                for part in more:
                    first = _joined(first, part)
                return first
            case (("get" | "getenv"), [fallback]):  # an environment variable with a default
                return fallback
            case _:
                return None


def _argument_of(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """The argument that a call gives for a parameter, by its name or position."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position < len(call.args) and not isinstance(call.args[position], ast.Starred):
        return call.args[position]
    return None


def _defaults_of(taken: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The parameters of a function that have a default, with it."""
    positional = [*taken.posonlyargs, *taken.args]
    for argument, default in zip(reversed(positional), reversed(taken.defaults), strict=False):
        yield argument.arg, default
    for argument, value in zip(taken.kwonlyargs, taken.kw_defaults, strict=True):
        if value is not None:
            yield argument.arg, value


def _name(function: ast.expr) -> str | None:
    """The last part of a function's name."""
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return None


def _bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a statement or expression binds itself."""
    match node:
        case ast.Import(names):
            yield from {item.asname or item.name.partition(".")[0] for item in names}
        case ast.ImportFrom(names=names):
            yield from (item.asname or item.name for item in names)
        case ast.Name(name, ast.Store() | ast.Del()) | ast.arg(name):
            yield name
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            yield name
        case _:
            pass


def _joined(left: str | None, right: str | None) -> str | None:
    return None if left is None or right is None else str(Path(left) / right)


def _above(path: str | None, steps: int) -> str | None:
    parents = [] if path is None else [*Path(path).parents]
    return str(parents[steps]) if 0 <= steps < len(parents) else None
