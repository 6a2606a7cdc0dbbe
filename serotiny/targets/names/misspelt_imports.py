"""Imports at the top level of a module of what another package certainly does not have, and of which it has the like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.broken_at import broken_at
from serotiny.targets.names.given_elsewhere import is_given_elsewhere
from serotiny.targets.names.missing_imports import finds_modules, imports
from serotiny.targets.names.symbols import MissingName
from serotiny.targets.names.typos import is_typo, may_hold_any_name

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module, ModuleTree
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signature import BrokenModule

_REPLACED: Final = "distutils"
"""The module of the standard library for which setuptools puts in its own."""
_ANY_STAR: Final = re.compile(r"\bimport\s*\(?\s*\*")
_STAR: Final = re.compile(r"\bfrom\s*(\.*)\s*([\w.]*)\s*import\s*\*")


def misspelt_import(module: Module, resolver: NameResolver) -> BrokenModule | None:
    """The first import, from another package, of a module or name that its source nowhere speaks of, and that is a typo.

    Nothing is parsed for an import that is right: the name is then found in the text.
    """
    package = module.name.partition(".")[0]
    if finds_modules(module.text):
        return None
    for alias, origin, name in imports(module):
        top = origin.partition(".")[0]
        if top in (package, _REPLACED) or _is_part_of(package, top, resolver.tree):
            continue
        source = resolver.tree.module(origin)
        if source is None:
            missing = _missing_module(origin, resolver.tree)
            reason = f"there is no module `{origin}`"
        elif name is not None:
            missing = _missing_name(source, name, resolver)
            reason = f"`{origin}` has no `{name}`"
        else:
            continue
        if missing is None or not is_typo(missing.missing, missing.candidates):
            continue
        if not is_given_elsewhere(missing.missing, module, resolver.tree):
            return broken_at(alias, module, reason, missing.missing, missing.candidates)
    return None


def _is_part_of(package: str, top: str, tree: ModuleTree) -> bool:
    """Whether what is found of a name is a folder of the importing package, which may be named like an installed one."""
    own, other = tree.finder.find(package), tree.finder.find(top)
    folders = own.folders if own is not None else ()
    return other is not None and any(str(Path(folder).parent) in folders for folder in other.folders)


def _missing_module(path: str, tree: ModuleTree) -> MissingName | None:
    first, *rest = path.split(".")
    found = tree.module(first)
    for name in rest:
        if found is None or found.is_opaque or found.location.namespace:
            return None
        part = tree.module(f"{found.name}.{name}")
        if part is None:
            is_uncertain = not found.is_package or finds_modules(found.text) or _speaks_of(name, found)
            names = tree.finder.submodules(found.location)
            return None if is_uncertain else MissingName(found.name, name, names)
        found = part
    return None


def _missing_name(source: Module, name: str, resolver: NameResolver) -> MissingName | None:
    if _may_have(source, name, resolver.tree):
        return None
    found = resolver.module_member(source, name)
    return found[0] if len(found) == 1 and isinstance(found[0], MissingName) else None


def _may_have(source: Module, name: str, tree: ModuleTree) -> bool:
    """Whether a module, or one of those whose names it takes with `*`, speaks of a name or makes names as it runs."""
    if source.is_package and tree.module(f"{source.name}.{name}") is not None:
        return True
    seen, modules = {source.name}, [source]
    for here in modules:  # which grows
        text = here.text
        if here.location.source is None or (not text and here.is_opaque):
            return True
        if _speaks_of(name, here) or may_hold_any_name(text) or finds_modules(text):
            return True
        stars = _STAR.findall(text)
        if len(stars) < len(_ANY_STAR.findall(text)):
            return True
        for dots, origin in stars:
            other = tree.module(here.absolute(origin, len(dots)))
            if other is None:
                return True
            if other.name not in seen:
                seen.add(other.name)
                modules.append(other)
    return False


def _speaks_of(name: str, module: Module) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", module.text) is not None
