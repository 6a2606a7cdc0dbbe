"""Resolve a dotted path, or a name in a scope, to the symbol that it stands for."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Assigned, Binding, Branch, Defined, Imported, Scope
from serotiny.targets.names import lazy_imports
from serotiny.targets.names.exports import Exports, is_public
from serotiny.targets.names.mro import Linearisation, linearise
from serotiny.targets.names.stdlib import WELL_KNOWN_MODULES, is_plain_base, is_well_known
from serotiny.targets.names.symbols import (
    ClassSymbol,
    FunctionSymbol,
    MissingName,
    ModuleSymbol,
    NotInstalled,
    OpaqueSymbol,
    Symbol,
    ValueSymbol,
)
from serotiny.targets.names.typos import gives_names, may_hold_any_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serotiny.cache.fingerprint import Evidence
    from serotiny.targets.modules.module import Module, ModuleTree


class NameResolver:
    """Resolves paths and names within a tree of modules; remembers what it resolved."""

    def __init__(self, tree: ModuleTree) -> None:
        self.tree = tree
        self.exports = Exports(tree, self._module_named)
        self._members: dict[tuple[str, str], tuple[tuple[Symbol, ...], Evidence]] = {}
        self._in_progress: set[tuple[str, str]] = set()
        self._linearisations: dict[tuple[str, int], tuple[Linearisation, Evidence]] = {}

    def path(self, path: str) -> tuple[Symbol, ...]:
        """What a dotted path leads to, by Hydra's rule: attributes are tried before submodules."""
        first, *rest = path.split(".")
        module = self.tree.module(first)
        if module is None:
            return (NotInstalled(first, first),)
        found: tuple[Symbol, ...] = (ModuleSymbol(module),)
        for name in rest:
            if isinstance(found[0], MissingName | NotInstalled):
                break
            found = self._only_for_types(found[0], name) or self.member(found[0], name)
        return found

    def _only_for_types(self, symbol: Symbol, name: str) -> tuple[Symbol, ...]:
        """What a name stands for in a job that a module binds only for type checkers; empty where it may bind it otherwise."""
        if not isinstance(symbol, ModuleSymbol):
            return ()
        module = symbol.module
        if not _is_for_types(module, name) or module.scope.stars or may_hold_any_name(module.text):
            return ()
        is_bound_later = re.search(rf"\bglobal\b.*\b{re.escape(name)}\b", module.text) is not None
        if is_bound_later or lazy_imports.find(module, name) is not None:
            return ()
        there = [other for other in self.exports.names(module) if not _is_for_types(module, other)]
        return self._submodule(module, name) or (
            MissingName(module.name, name, self.exports.offered(module, there)),
        )

    def member(self, symbol: Symbol, name: str) -> tuple[Symbol, ...]:
        """What `symbol.name` stands for: at least one symbol, the likeliest first."""
        match symbol:
            case ModuleSymbol(module):
                return self.module_member(module, name)
            case ClassSymbol():
                return self.class_member(symbol, name)
            case MissingName():
                return (symbol,)
            case _:
                return (OpaqueSymbol(f"{symbol.path}.{name}", through_value=True),)

    def module_member(self, module: Module, name: str) -> tuple[Symbol, ...]:
        """What a name in a module stands for."""
        key = (module.name, name)
        if key in self._in_progress:
            # `from package import part` inside the package itself means the submodule
            return self._submodule(module, name) or (OpaqueSymbol(f"{module.name}.{name}"),)
        if key not in self._members:
            self._in_progress.add(key)
            try:
                with self.tree.finder.gather() as evidence:
                    found = self._module_member(module, name)
            finally:
                self._in_progress.discard(key)
            self._members[key] = (found, evidence)
        found, evidence = self._members[key]
        self.tree.finder.note(evidence)
        return found

    def class_member(self, owner: ClassSymbol, name: str) -> tuple[Symbol, ...]:
        """What an attribute of a class, inherited ones included, stands for."""
        line = self.linearise(owner)
        for base in line.classes:
            bindings = base.scope.candidates(name)
            if bindings:
                scopes = (*base.outer, base.scope)
                found = self._bound(
                    bindings, base.module, scopes=scopes, name=f"{base.qualified_name}.{name}", owner=base
                )
                return tuple(_bind(symbol, base, owner) for symbol in found)
        readable = {base.path for base in line.classes}
        has_compiled_base = any(path not in readable and not is_plain_base(path) for path in line.paths)
        if not line.certain or has_compiled_base or owner.node.decorator_list or owner.node.keywords:
            return (OpaqueSymbol(f"{owner.path}.{name}"),)
        # a name that occurs in the module's text may be set by code (`setattr(cls, "name", …)`)
        if name.startswith("__") or re.search(rf"\b{re.escape(name)}\b", owner.module.text):
            return (OpaqueSymbol(f"{owner.path}.{name}"),)
        names = {found for base in line.classes for found in base.scope.names}
        return (MissingName(owner.path, name, tuple(sorted(filter(is_public, names)))),)

    def expression(self, module: Module, scopes: tuple[Scope, ...], expression: ast.expr) -> Symbol:
        """The likeliest of the `alternatives`."""
        return self.alternatives(module, scopes, expression)[0]

    def alternatives(
        self, module: Module, scopes: tuple[Scope, ...], expression: ast.expr
    ) -> tuple[Symbol, ...]:
        """What a name or a dotted name in source stands for; opaque for any other expression.

        There are several where a condition decides that is known only at run time.
        """
        match expression:
            case ast.Name(id=name):
                return self._name(module, scopes, name)
            case ast.Attribute(value=value, attr=name):
                owner = self.expression(module, scopes, value)
                found = self.member(owner, name)
                is_missing = isinstance(found[0], MissingName)
                return (OpaqueSymbol(f"{owner.path}.{name}"),) if is_missing else found
            case ast.Subscript(value=value):
                return self.alternatives(module, scopes, value)
            case _:
                return (OpaqueSymbol(f"{module.name}.<expression>"),)

    def name(self, module: Module, scopes: tuple[Scope, ...], name: str) -> Symbol:
        """The likeliest of what a bare name stands for."""
        return self._name(module, scopes, name)[0]

    def _name(self, module: Module, scopes: tuple[Scope, ...], name: str) -> tuple[Symbol, ...]:
        """What a bare name stands for, looked up from the innermost scope to the builtins."""
        for depth in range(len(scopes) - 1, 0, -1):
            scope = scopes[depth]
            bindings = scope.candidates(name)
            if bindings:
                path = f"{scope.of_class}.{name}" if scope.of_class else name
                return self._bound(bindings, module, scopes=scopes[: depth + 1], name=path, owner=None)
        # a module may shadow a builtin, but an `import *` is assumed not to
        if name in module.scope.names or not hasattr(builtins, name):
            found = self.module_member(module, name)
            is_missing = isinstance(found[0], MissingName)
            return (OpaqueSymbol(f"{module.name}.{name}"),) if is_missing else found
        return (OpaqueSymbol(f"builtins.{name}"),)

    def imported_path(self, module: Module, scopes: tuple[Scope, ...], expression: ast.expr) -> str | None:
        """The path that an expression names by the imports of its module alone; no other file is read."""
        match expression:
            case ast.Attribute(value=value, attr=name):
                owner = self.imported_path(module, scopes, value)
                return f"{owner}.{name}" if owner else None
            case ast.Name(id=name):
                for scope in reversed((module.scope, *scopes[1:])):
                    for binding in scope.candidates(name):
                        if not isinstance(binding, Imported):
                            return None
                        origin = module.absolute(binding.module, binding.level)
                        return f"{origin}.{binding.name}" if binding.name else origin
                return f"builtins.{name}" if hasattr(builtins, name) and not module.scope.stars else None
            case _:
                return None

    def linearise(self, symbol: ClassSymbol) -> Linearisation:
        """The method resolution order of a class."""
        key = _identity(symbol)
        if key not in self._linearisations:
            with self.tree.finder.gather() as evidence:
                # ends the recursion for a class that seems to inherit from itself
                self._linearisations[key] = (
                    Linearisation((symbol,), (symbol.path,), False),
                    evidence,
                )
                line = linearise(symbol, self._bases)
            self._linearisations[key] = (line, evidence)
        line, evidence = self._linearisations[key]
        self.tree.finder.note(evidence)
        return line

    def _bases(self, symbol: ClassSymbol) -> list[Linearisation]:
        lines = []
        for base in symbol.node.bases:
            found, *others = self.alternatives(symbol.module, symbol.outer, base)
            if others:
                # which of them it is, is known only at run time
                lines.append(Linearisation((), (f"{symbol.module.name}.{ast.unparse(base)}",), False))
                continue
            # `class Net(Base[int])` with an alias `Base = Generic[T]`, possibly of another alias
            for _ in range(8):
                if not isinstance(found, ValueSymbol) or not isinstance(found.value, ast.Subscript):
                    break
                found = self.expression(found.module, found.outer, found.value)
            if isinstance(found, ClassSymbol):
                lines.append(self.linearise(found))
            else:
                lines.append(Linearisation((), (found.path,), is_well_known(found.path)))
        return lines

    def _module_member(self, module: Module, name: str) -> tuple[Symbol, ...]:
        bindings = module.scope.candidates(name)
        if bindings:
            return self._bound(bindings, module, scopes=(module.scope,), name=name, owner=None)
        found = self._from_stars(module, name) or self._submodule(module, name)
        if found:
            return found
        lazy = lazy_imports.find(module, name)
        if lazy is not None:
            return self._import(module, lazy)
        return (self.exports.unlisted(module, name),)

    def _module_named(self, module: Module, expression: ast.expr) -> Module | None:
        found = self.expression(module, (module.scope,), expression)
        return found.module if isinstance(found, ModuleSymbol) else None

    def _submodule(self, module: Module, name: str) -> tuple[Symbol, ...]:
        submodule = self.tree.module(f"{module.name}.{name}") if module.is_package else None
        if submodule is None:
            return ()
        # a package that gathers what its modules hold may put the class of a module in the module's place
        defines = any(isinstance(found, Defined) for found in submodule.scope.names.get(name, ()))
        is_hidden = defines and gives_names(module.text)
        return (OpaqueSymbol(submodule.name) if is_hidden else ModuleSymbol(submodule),)

    def _from_stars(self, module: Module, name: str) -> tuple[Symbol, ...]:
        for star in reversed(module.scope.stars):
            other = self.tree.module(module.absolute(star.module, star.level))
            if other is None or other is module:
                continue
            if other.is_opaque:
                if name in other.stub_names:
                    return (OpaqueSymbol(f"{other.name}.{name}"),)
                continue
            declared = self.exports.declared(other)
            if other.name in WELL_KNOWN_MODULES and declared is not None and name in declared.names:
                return (OpaqueSymbol(f"{other.name}.{name}"),)
            if name in declared.names if declared is not None else is_public(name):
                found = self.module_member(other, name)
                # a module that is there is likelier than what a star of unknown names may bring
                is_unsure = isinstance(found[0], OpaqueSymbol) and bool(self._submodule(module, name))
                if not isinstance(found[0], MissingName) and not is_unsure:
                    return found
        return ()

    def _bound(
        self,
        bindings: Iterable[Binding],
        module: Module,
        scopes: tuple[Scope, ...],
        name: str,
        owner: ClassSymbol | None,
    ) -> tuple[Symbol, ...]:
        """What the possible bindings of a name stand for; only the concrete symbols when there are any."""
        found: dict[tuple[str, int], Symbol] = {}
        tried = False
        for binding in bindings:
            # `except ImportError:` counts only if the import before it cannot be resolved
            if tried and binding.branch is Branch.HANDLER:
                break
            for symbol in self._binding(binding, module, scopes=scopes, name=name, owner=owner):
                found.setdefault(_identity(symbol), symbol)
                tried |= _is_concrete(symbol) and binding.branch is Branch.TRY
        symbols = list(found.values())
        concrete = [symbol for symbol in symbols if _is_concrete(symbol)]
        return tuple(concrete or symbols[:1] or [OpaqueSymbol(f"{module.name}.{name}")])

    def _binding(
        self,
        binding: Binding,
        module: Module,
        scopes: tuple[Scope, ...],
        name: str,
        owner: ClassSymbol | None,
    ) -> tuple[Symbol, ...]:
        match binding:
            case Imported():
                return self._import(module, binding)
            case Defined(node=ast.ClassDef() as node):
                return (ClassSymbol(module, node, name, scopes),)
            case Defined(node=node):
                assert not isinstance(node, ast.ClassDef)
                function = FunctionSymbol(
                    module=module, node=node, qualified_name=name, outer=scopes, owner=owner, bound_to=owner
                )
                return (function,)
            case Assigned(value=None):
                return (OpaqueSymbol(f"{module.name}.{name}"),)
            case Assigned(value=value, annotation=annotation):
                assert value is not None
                return self._assigned(value, annotation, module=module, scopes=scopes, name=name)

    def _assigned(
        self,
        value: ast.expr,
        annotation: ast.expr | None,
        module: Module,
        scopes: tuple[Scope, ...],
        name: str,
    ) -> tuple[Symbol, ...]:
        itself = ValueSymbol(
            module=module, value=value, qualified_name=name, outer=scopes, annotation=annotation
        )
        match value:
            case ast.IfExp(body=body, orelse=orelse):
                branches = (body, orelse)
                return tuple(
                    found
                    for branch in branches
                    for found in self._assigned(branch, annotation, module=module, scopes=scopes, name=name)
                )
            case ast.Name(id=alias) if alias == name.rpartition(".")[2]:
                return (OpaqueSymbol(f"{module.name}.{name}"),)
            case ast.Name() | ast.Attribute():
                key = (module.name, f"={name}")
                if key in self._in_progress:
                    return (itself,)
                self._in_progress.add(key)
                try:
                    found = self.expression(module, scopes, value)
                finally:
                    self._in_progress.discard(key)
                return (found,)
            case _:
                return (itself,)

    def _import(self, module: Module, binding: Imported) -> tuple[Symbol, ...]:
        origin = module.absolute(binding.module, binding.level)
        path = f"{origin}.{binding.name}" if binding.name else origin
        if origin in WELL_KNOWN_MODULES:
            return (OpaqueSymbol(path),)
        source = self.tree.module(origin)
        if source is None:
            top_level = origin.partition(".")[0]
            missing = self.tree.module(top_level) is None
            return (NotInstalled(path, top_level) if missing else OpaqueSymbol(path),)
        if binding.name is None:
            return (ModuleSymbol(source),)
        found = self.module_member(source, binding.name)
        # a missing name would make the import statement fail, so it exists in a way that cannot be read
        return (OpaqueSymbol(path),) if isinstance(found[0], MissingName) else found


def _is_concrete(symbol: Symbol) -> bool:
    return isinstance(symbol, ModuleSymbol | ClassSymbol | FunctionSymbol)


def _identity(symbol: Symbol) -> tuple[str, int]:
    """Path and line: several conditional definitions of a name have the same path."""
    return symbol.path, symbol.node.lineno if isinstance(symbol, ClassSymbol | FunctionSymbol) else 0


def _bind(symbol: Symbol, base: ClassSymbol, owner: ClassSymbol) -> Symbol:
    if isinstance(symbol, FunctionSymbol):
        return FunctionSymbol(
            module=symbol.module,
            node=symbol.node,
            qualified_name=symbol.qualified_name,
            outer=symbol.outer,
            owner=symbol.owner or base,
            bound_to=owner,
        )
    return symbol


def _is_for_types(module: Module, name: str) -> bool:
    """Whether all that binds a name of a module stands where only type checkers read."""
    bindings = module.scope.names.get(name, ())
    return bool(bindings) and all(found.branch is Branch.TYPE_CHECKING for found in bindings)
