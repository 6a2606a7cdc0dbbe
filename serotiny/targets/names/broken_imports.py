"""The first module that cannot be imported among those that importing a module of the project needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from serotiny.targets.names.missing_bases import missing_base
from serotiny.targets.names.missing_imports import imports, missing_import
from serotiny.targets.names.misspelt_imports import misspelt_import
from serotiny.targets.names.newer_syntax import syntax_reason
from serotiny.targets.names.undefined_names import undefined_name
from serotiny.targets.signature import BrokenModule

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module, ModuleTree
    from serotiny.targets.names.resolver import NameResolver


def broken_module(path: str, resolver: NameResolver) -> BrokenModule | None:
    """The first module, within the path's own package, that makes importing the path fail.

    One that is not valid Python, imports what its own package does not have or misspells what another has, has a class
    with a base that does not exist, or uses a name that nothing binds, comes before one that imports a package which is
    not installed. Only what stands at the top level of a module is followed: what is under a condition or in a `try`
    may never run.
    """
    tree = resolver.tree
    top = path.partition(".")[0]
    seen: set[str] = set()
    waiting = [path]
    lacking: BrokenModule | None = None
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
                    reason=syntax_reason(error),
                )
            broken = (
                missing_import(module, resolver)
                or misspelt_import(module, resolver)
                or missing_base(module, resolver)
                or undefined_name(module, resolver)
            )
            if broken is not None:
                return broken
            imported = dict.fromkeys(_imported(module))
            waiting += [needed for needed in imported if needed.partition(".")[0] == top]
            lacking = lacking or _lacking(module, imported, tree)
    return lacking


def _lacking(module: Module, imported: Iterable[str], tree: ModuleTree) -> BrokenModule | None:
    packages = dict.fromkeys(name.partition(".")[0] for name in imported)
    absent = next((package for package in packages if tree.lacks(package, module)), "")
    if not absent:
        return None
    file = str(module.location.source)
    return BrokenModule(
        name=module.name, file=file, line=1, column=1, reason=f"it imports `{absent}`", absent=absent
    )


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _imported(module: Module) -> Iterator[str]:
    return (origin if name is None else f"{origin}.{name}" for _, origin, name in imports(module))
