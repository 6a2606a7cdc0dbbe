"""The first module that cannot be imported among those that importing a module of the project needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from serotiny.targets.names.missing_bases import missing_base
from serotiny.targets.names.missing_imports import imports, missing_import
from serotiny.targets.names.misspelt_imports import misspelt_import
from serotiny.targets.names.newer_syntax import syntax_reason
from serotiny.targets.names.undefined_names import undefined_name
from serotiny.targets.signature import BrokenModule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serotiny.cache.fingerprint import Evidence
    from serotiny.targets.modules.module import Module
    from serotiny.targets.names.resolver import NameResolver


class _Examined(NamedTuple):
    """What importing a module by itself comes to.

    Attributes:
        fault: why it fails, whatever is installed.
        lacking: why it fails for lack of a package that is not installed.
        needed: the modules, or names in them, of the same package that it imports.
    """

    fault: BrokenModule | None
    lacking: BrokenModule | None = None
    needed: tuple[str, ...] = ()


class BrokenImports:
    """Finds what makes importing a module fail; each module on the way is looked at once.

    Args:
        resolver: resolves what the modules import.
    """

    def __init__(self, resolver: NameResolver) -> None:
        self._resolver = resolver
        self._examined: dict[str, tuple[_Examined, Evidence]] = {}

    def first(self, path: str) -> BrokenModule | None:
        """The first module, within the path's own package, that makes importing the path fail.

        One that is not valid Python, imports what its own package does not have or misspells what another has, has a class
        with a base that does not exist, or uses a name that nothing binds, comes before one that imports a package which is
        not installed. Only what stands at the top level of a module is followed: what is under a condition or in a `try`
        may never run.
        """
        tree = self._resolver.tree
        seen: set[str] = set()
        waiting = [path]
        lacking: BrokenModule | None = None
        for name in waiting:  # to which the loop appends
            for part in _with_parents(name):
                module = tree.module(part) if part not in seen else None
                seen.add(part)
                if module is None:
                    continue
                found = self._of(module)
                if found.fault is not None:
                    return found.fault
                waiting += found.needed
                lacking = lacking or found.lacking
        return lacking

    def _of(self, module: Module) -> _Examined:
        if module.name not in self._examined:
            with self._resolver.tree.finder.gather() as evidence:
                examined = _examine(module, self._resolver)
            self._examined[module.name] = (examined, evidence)
        examined, evidence = self._examined[module.name]
        self._resolver.tree.finder.note(evidence)
        return examined


def _examine(module: Module, resolver: NameResolver) -> _Examined:
    if (error := module.syntax_error) is not None and module.location.source is not None:
        return _Examined(
            BrokenModule(
                name=module.name,
                file=str(module.location.source),
                line=error.lineno or 1,
                column=error.offset or 1,
                reason=syntax_reason(error),
            )
        )
    fault = (
        missing_import(module, resolver)
        or misspelt_import(module, resolver)
        or missing_base(module, resolver)
        or undefined_name(module, resolver)
    )
    if fault is not None:
        return _Examined(fault)
    named = (origin if name is None else f"{origin}.{name}" for _, origin, name in imports(module))
    imported = tuple(dict.fromkeys(named))
    top = module.name.partition(".")[0]
    own = tuple(name for name in imported if name.partition(".")[0] == top)
    return _Examined(None, _lacking(module, imported, resolver), own)


def _lacking(module: Module, imported: Iterable[str], resolver: NameResolver) -> BrokenModule | None:
    packages = dict.fromkeys(name.partition(".")[0] for name in imported)
    absent = next((package for package in packages if resolver.tree.lacks(package, module)), "")
    if not absent:
        return None
    file = str(module.location.source)
    return BrokenModule(
        name=module.name, file=file, line=1, column=1, reason=f"it imports `{absent}`", absent=absent
    )


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
