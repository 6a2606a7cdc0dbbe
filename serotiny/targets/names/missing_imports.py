"""Imports at the top level of a module that certainly fail, since its own package has not what they name."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import bound_anywhere
from serotiny.targets.names.broken_at import broken_at
from serotiny.targets.names.given_elsewhere import is_given_elsewhere
from serotiny.targets.names.symbols import MissingName
from serotiny.targets.names.typos import may_hold_any_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.modules.module import Module, ModuleTree
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signature import BrokenModule

_FINDS_MODULES: Final = re.compile(
    r"\bsys\.(?:path|modules|meta_path)\b|__path__|\bimportlib\b|\bdeclare_namespace\b"
)


def missing_import(module: Module, resolver: NameResolver) -> BrokenModule | None:
    """The first import of a module, or of a name in one, that is certainly not in the importing module's package."""
    package = module.name.partition(".")[0]
    for alias, origin, name in imports(module):
        if origin.partition(".")[0] != package:
            continue
        missing = _missing_module(origin, module, resolver.tree)
        reason = f"there is no module `{origin}`"
        if missing is None and name is not None:
            missing = _missing_name(origin, name, module, resolver)
            reason = f"`{origin}` has no `{name}`"
        if missing is not None:
            return broken_at(alias, module, reason, missing.missing, missing.candidates)
    return None


def finds_modules(text: str) -> bool:
    """Whether a module of this source may find modules where the import system alone does not."""
    return _FINDS_MODULES.search(text) is not None


def imports(module: Module) -> Iterator[tuple[ast.alias, str, str | None]]:
    """What the statements at the top level import: the module, and the name that is taken from it, if any."""
    for statement in module.tree.body if module.tree is not None else ():
        match statement:
            case ast.Import(names=names):
                yield from ((alias, alias.name, None) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                origin = module.absolute(source or "", level)
                yield from ((alias, origin, None if alias.name == "*" else alias.name) for alias in names)
            case _:
                pass


def _missing_module(path: str, importer: Module, tree: ModuleTree) -> MissingName | None:
    """The first part of a path that is no module, unless code may find or a build may make one of that name, or none is there yet."""
    first, *rest = path.split(".")
    found = tree.module(first)
    texts = [importer.text]
    for name in rest:
        if found is None or found.is_opaque:
            return None
        texts.append(found.text)
        part = tree.module(f"{found.name}.{name}")
        if part is None:
            names = tree.finder.submodules(found.location)
            # an empty package is a place for what a script downloads
            is_empty = bool(found.location.folders) and not names and not found.text.strip()
            if is_empty or any(map(finds_modules, texts)) or is_given_elsewhere(name, importer, tree):
                return None
            return MissingName(found.name, name, names)
        found = part
    return None


def _missing_name(origin: str, name: str, importer: Module, resolver: NameResolver) -> MissingName | None:
    """A name that a module has not, unless code may give it to the module."""
    source = resolver.tree.module(origin)
    if source is None or source.tree is None or source.scope.stars:
        return None
    found = resolver.module_member(source, name)
    if len(found) != 1 or not isinstance(found[0], MissingName) or name in bound_anywhere(source.tree):
        return None
    if may_hold_any_name(source.text) or finds_modules(source.text):
        return None
    return None if is_given_elsewhere(name, importer, resolver.tree) else found[0]
