"""The names that a module offers: what `from module import *` imports, what is public in it, and whether it may make others."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from serotiny.targets.modules.scope import Binding, Defined, Imported
from serotiny.targets.names import lazy_imports
from serotiny.targets.names.symbols import MissingName, NotInstalled, OpaqueSymbol
from serotiny.targets.names.typos import gathers_names, gives_names, is_misspelt, is_typo, makes_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serotiny.targets.modules.module import Module, ModuleTree
    from serotiny.targets.names.symbols import Symbol

    ModuleFinder: TypeAlias = Callable[[Module, ast.expr], Module | None]
    """Finds the module that an expression such as `optim` in `optim.__all__` names."""


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """What `__all__` holds; `complete` unless part of it is computed."""

    names: tuple[str, ...]
    complete: bool


def is_public(name: str) -> bool:
    """Whether a name is exported by a module without `__all__`."""
    return not name.startswith("_")


class Exports:
    """The names that modules offer.

    Args:
        tree: the modules.
        find: finds the module that an expression names.
    """

    def __init__(self, tree: ModuleTree, find: ModuleFinder) -> None:
        self._tree = tree
        self._find = find

    def declared(self, module: Module) -> DeclaredNames | None:
        """The names in a module's `__all__`, or None when it has none."""
        return _declared(module, self._find, frozenset())

    def names(self, module: Module) -> list[str]:
        """The public names of a module: `__all__`, or else what it binds without an underscore."""
        declared = self.declared(module)
        if declared is not None and (declared.complete or declared.names):
            return list(declared.names)
        names = dict.fromkeys(filter(is_public, module.scope.names))
        names.update(dict.fromkeys(lazy_imports.names(module)))
        for star in module.scope.stars:
            other = self._tree.module(module.absolute(star.module, star.level))
            if other is not None and other is not module:
                names.update(dict.fromkeys(self.names(other)))
        return list(names)

    def offered(self, module: Module, names: Iterable[str]) -> tuple[str, ...]:
        """Those of a module's names that it is there to give.

        What it imports from other packages beside its own classes and functions is for its own use, unless `__all__`
        lists it.
        """
        declared = self.declared(module)
        listed = declared.names if declared is not None else ()
        bound = {name: module.scope.candidates(name) for name in names}
        defines = any(isinstance(found, Defined) for bindings in bound.values() for found in bindings)
        return tuple(
            name
            for name, bindings in bound.items()
            if name in listed
            or not bindings
            or not all(_is_foreign(found, module, even_names=defines) for found in bindings)
        )

    def unlisted(self, module: Module, name: str) -> Symbol:
        """A name that no statement binds: missing, or opaque where the module makes names at run time."""
        if module.location.namespace and "." not in module.name:
            # another distribution may provide this part, unless its name is a typo of an existing one
            parts = tuple(sorted(self._tree.finder.submodules(module.location)))
            if is_typo(name, parts):
                return MissingName(module.name, name, parts)
            part = f"{module.name}.{name}"
            return NotInstalled(part, part)
        opaque = OpaqueSymbol(f"{module.name}.{name}")
        # the import system sets some of these (`__file__`, `__path__`)
        if module.is_opaque or (name.startswith("__") and name.endswith("__")):
            return opaque
        candidates = tuple(sorted({*self.names(module), *self._tree.finder.submodules(module.location)}))
        makers = self._makers_of_names(module)
        if makers:
            sources = [maker for maker in makers if maker is not None]
            gatherers = [maker for maker in sources if gathers_names(maker.text)]
            gathered = {found for maker in gatherers for found in self._names_below(maker)}
            # a class is no misspelt module
            alike = (found for found in candidates if found[:1].isupper() == name[:1].isupper())
            candidates = tuple(sorted(gathered.union(alike)))
            if not is_misspelt(name, module.text, candidates) or name in gathered:
                return opaque
            if any(name in self._names_below(maker) for maker in sources):
                return opaque
        return MissingName(module.name, name, self.offered(module, candidates))

    def _makers_of_names(self, module: Module) -> list[Module | None]:
        """The modules that may give a module names which no statement binds; None stands for one without source."""
        makers: list[Module | None] = [module] if makes_names(module.text) else []
        seen, modules = {module.name}, [module]
        for here in modules:  # which grows
            for star in here.scope.stars:
                other = self._tree.module(here.absolute(star.module, star.level))
                if other is None or other.is_opaque:
                    makers.append(None)
                elif other.name not in seen:
                    seen.add(other.name)
                    modules.append(other)
                    makers += [other] if gives_names(other.text) else []
        return makers

    def _names_below(self, module: Module) -> set[str]:
        """What a package finds when it looks through its own modules."""
        below = (
            self._tree.module(f"{module.name}.{name}")
            for name in self._tree.finder.submodules(module.location)
        )
        return {name for found in below if found is not None for name in found.scope.names}


def _is_foreign(binding: Binding, module: Module, *, even_names: bool) -> bool:
    """Whether a name is a module of another package, or with `even_names` anything that one of them has."""
    if not isinstance(binding, Imported) or (binding.name is not None and not even_names):
        return False
    imported = module.absolute(binding.module, binding.level)
    return imported.partition(".")[0] != module.name.partition(".")[0]


def _declared(module: Module, find: ModuleFinder, seen: frozenset[str]) -> DeclaredNames | None:
    expressions = module.scope.all_expressions
    if not expressions or module.name in seen:
        return None
    names: dict[str, None] = {}
    complete = True
    for expression in expressions:
        complete &= _collect(expression, module, find=find, seen=seen | {module.name}, names=names)
    return DeclaredNames(tuple(names), complete)


def _collect(
    expression: ast.expr, module: Module, find: ModuleFinder, seen: frozenset[str], names: dict[str, None]
) -> bool:
    """Add the names of one part of `__all__`; False when it is computed."""
    match expression:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return _collect_all(parts, module, find=find, seen=seen, names=names)
        case ast.Constant(value=str(name)):
            names[name] = None
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _collect_all([left, right], module, find=find, seen=seen, names=names)
        case ast.Starred(value=inner):
            return _collect(inner, module, find=find, seen=seen, names=names)
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "set"), args=[inner]):
            return _collect(inner, module, find=find, seen=seen, names=names)
        # `__all__ += optim.__all__`
        case ast.Attribute(value=owner, attr="__all__"):
            other = find(module, owner)
            declared = _declared(other, find, seen) if other is not None else None
            if declared is None:
                return False
            names.update(dict.fromkeys(declared.names))
            return declared.complete
        case _:
            return False


def _collect_all(
    parts: list[ast.expr], module: Module, find: ModuleFinder, seen: frozenset[str], names: dict[str, None]
) -> bool:
    complete = True
    for part in parts:
        # no short circuit: the other parts are known even if one is computed
        complete &= _collect(part, module, find=find, seen=seen, names=names)
    return complete
