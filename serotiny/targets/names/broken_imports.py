"""The first module that is not valid Python among those that importing a module of the project needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from serotiny.targets.signature import BrokenModule

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module, ModuleTree


def broken_module(path: str, tree: ModuleTree) -> BrokenModule | None:
    """The first module, within the path's own package, that makes importing the path fail.

    Only imports at the top level of a module are followed: one under a condition or in a `try` may never run.
    """
    top = path.partition(".")[0]
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        name = waiting.pop(0)
        for part in _with_parents(name):
            module = tree.module(part) if part not in seen else None
            seen.add(part)
            if module is None:
                continue
            if (error := module.syntax_error) is not None and module.location.source is not None:
                return BrokenModule(
                    name=part,
                    file=str(module.location.source),
                    line=error.lineno or 1,
                    column=error.offset or 1,
                    reason=error.msg,
                )
            waiting += [needed for needed in _imported(module) if needed.partition(".")[0] == top]
    return None


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _imported(module: Module) -> Iterator[str]:
    for statement in module.tree.body if module.tree is not None else ():
        match statement:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                base = module.absolute(source or "", level)
                yield from (f"{base}.{alias.name}" for alias in names)
            case _:
                pass
