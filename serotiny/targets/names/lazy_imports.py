"""Names that a module imports on first access (PEP 562, `lazy_loader`)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Branch, Defined, Imported, read_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.modules.module import Module


def find(module: Module, name: str) -> Imported | None:
    """The import that a lazy module runs for a name, where it can be read from its source."""
    return next((imported for lazy, imported in _lazy_imports(module) if lazy == name), None)


def names(module: Module) -> list[str]:
    """The names that a module imports lazily."""
    return [lazy for lazy, _ in _lazy_imports(module)]


def _lazy_imports(module: Module) -> Iterator[tuple[str, Imported]]:
    getattr_bindings = module.scope.names.get("__getattr__", ())
    if not getattr_bindings:
        return
    for binding in getattr_bindings:
        if isinstance(binding, Defined):
            yield from _from_function(binding.node)
    if module.tree is not None:
        for statement in module.tree.body:
            yield from _from_statement(statement)


def _from_function(node: ast.AST) -> Iterator[tuple[str, Imported]]:
    """Imports inside of `__getattr__`: `if name == "X": from .x import X; return X`."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.ImportFrom):
            for name, bindings in read_scope([inner]).names.items():
                yield from ((name, binding) for binding in bindings if isinstance(binding, Imported))


def _from_statement(statement: ast.stmt) -> Iterator[tuple[str, Imported]]:
    match statement:
        case ast.Assign(value=ast.Call() as call):
            yield from _from_lazy_loader(call)
        case ast.Assign(value=ast.Dict() as table) | ast.AnnAssign(value=ast.Dict() as table):
            yield from _from_table(table)
        case _:
            pass


def _from_lazy_loader(call: ast.Call) -> Iterator[tuple[str, Imported]]:
    """`lazy_loader.attach(__name__, submodules={...}, submod_attrs={"part": ["name"]})`."""
    if not ast.unparse(call.func).endswith("attach"):
        return
    arguments = {f"{index}": argument for index, argument in enumerate(call.args)}
    arguments |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    attributes = _literal(arguments.get("submod_attrs") or arguments.get("2"))
    if isinstance(attributes, dict):
        for submodule, inner in attributes.items():
            for name in inner if isinstance(inner, list | tuple | set) else ():
                yield str(name), Imported(str(submodule), str(name), 1, Branch.ALWAYS)


def _from_table(table: ast.Dict) -> Iterator[tuple[str, Imported]]:
    """A table that `__getattr__` looks names up in: name → module, name → (module, name), module → names."""
    entries = _literal(table)
    if not isinstance(entries, dict):
        return
    for key, value in entries.items():
        match key, value:
            case str(), str() if key.isidentifier():
                yield key, _import(value, key)
            case str(), (str(module), str(name)):
                yield key, _import(module, name)
            case str(), list() | tuple():
                for name in value:
                    if isinstance(name, str):
                        yield name, Imported(key, name, 1, Branch.ALWAYS)
            case _:
                pass


def _import(module: str, name: str) -> Imported:
    """`module` is absolute, or relative with a dot; `a.b.X` for the name X is taken apart."""
    level = len(module) - len(module.lstrip("."))
    path = module[level:]
    if path.rpartition(".")[2] == name:
        path = path.rpartition(".")[0]
    return Imported(path, name, level, Branch.ALWAYS)


def _literal(expression: ast.expr | None) -> object:
    if expression is None:
        return None
    try:
        return ast.literal_eval(expression)
    except ValueError:
        return None
