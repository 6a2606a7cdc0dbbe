"""What importing a module by itself comes to: whether it fails, and which modules of its package it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serotiny.targets.import_chain import Examined
from serotiny.targets.names.missing_bases import missing_base
from serotiny.targets.names.missing_imports import imports, missing_import
from serotiny.targets.names.misspelt_imports import misspelt_import
from serotiny.targets.names.newer_syntax import needed_python
from serotiny.targets.names.undefined_names import undefined_name
from serotiny.targets.signature import BrokenModule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serotiny.targets.modules.module import Module
    from serotiny.targets.names.resolver import NameResolver


def examine(module: Module, resolver: NameResolver) -> Examined:
    """What importing a module comes to, as far as its own statements at the top level tell."""
    if (error := module.syntax_error) is not None and module.location.source is not None:
        return Examined(
            BrokenModule(
                name=module.name,
                file=str(module.location.source),
                line=error.lineno or 1,
                column=error.offset or 1,
                reason=error.msg,
                since=needed_python(error),
            )
        )
    fault = (
        missing_import(module, resolver)
        or misspelt_import(module, resolver)
        or missing_base(module, resolver)
        or undefined_name(module, resolver)
    )
    if fault is not None:
        return Examined(fault)
    named = (origin if name is None else f"{origin}.{name}" for _, origin, name in imports(module))
    imported = tuple(dict.fromkeys(named))
    top = module.name.partition(".")[0]
    own = tuple(name for name in imported if name.partition(".")[0] == top)
    return Examined(None, _lacking(module, imported, resolver), own)


def _lacking(module: Module, imported: Iterable[str], resolver: NameResolver) -> BrokenModule | None:
    packages = dict.fromkeys(name.partition(".")[0] for name in imported)
    absent = next((package for package in packages if resolver.tree.lacks(package, module)), "")
    if not absent:
        return None
    file = str(module.location.source)
    return BrokenModule(
        name=module.name, file=file, line=1, column=1, reason=f"it imports `{absent}`", absent=absent
    )
