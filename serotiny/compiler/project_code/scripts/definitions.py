"""Find the functions and classes of a project that its modules call, through their imports and base classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serotiny.compiler.project_code.scripts.script import Definition, Modules, Script

_DEPTH: Final = 8
"""The length of chains of imports and base classes that are followed."""


@dataclass(frozen=True, eq=False)
class Method:
    """A method, with the class that defines it and the place of this in the order in which classes are searched."""

    script: Script
    function: ast.FunctionDef
    owner: str
    place: int

    @property
    def skipped(self) -> int:
        """The number of its parameters that no caller gives."""
        marks = {ast.unparse(item) for item in self.function.decorator_list}
        return 0 if "staticmethod" in marks else 1


@dataclass(frozen=True, eq=False)
class Family:
    """A class and those of its bases that are seen, in the order in which Python searches them for a method."""

    classes: tuple[tuple[Script, ast.ClassDef], ...]

    def method(self, name: str, after: int = -1) -> Method | None:
        """The method of a name, or the next one behind a class, as `super()` gives it."""
        for place, (script, definition) in enumerate(self.classes):
            for item in definition.body if place > after else ():
                if isinstance(item, ast.FunctionDef) and item.name == name:
                    return Method(script, item, definition.name, place)
        return None

    def methods(self) -> Iterator[Method]:
        """All of them, without those that another class of the family replaces."""
        names = {
            item.name: None
            for _, definition in self.classes
            for item in definition.body
            if isinstance(item, ast.FunctionDef)
        }
        yield from filter(None, map(self.method, names))


def definition_of(script: Script, called: ast.expr, modules: Modules) -> tuple[Script, Definition] | None:
    """The function or class of the project that is called, with its module."""
    names = _dotted(called)
    return _find(script, names, modules, 0) if names else None


def family_of(script: Script, definition: ast.ClassDef, modules: Modules) -> Family:
    """A class and its bases, up to the first that is not seen."""
    return Family(tuple(_classes(script, definition, modules, 0)))


def _classes(
    script: Script, definition: ast.ClassDef, modules: Modules, depth: int
) -> list[tuple[Script, ast.ClassDef]]:
    found = [(script, definition)]
    for base in definition.bases:
        # the arguments of a generic class do not matter here
        named = base.value if isinstance(base, ast.Subscript) else base
        other = definition_of(script, named, modules)
        if other is None or not isinstance(other[1], ast.ClassDef) or depth > _DEPTH:
            return found
        more = _classes(other[0], other[1], modules, depth + 1)
        found += [item for item in more if all(item[1] is not known for _, known in found)]
    return found


def _dotted(called: ast.expr) -> tuple[str, ...]:
    match called:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=inner, attr=name):
            above = _dotted(inner)
            return (*above, name) if above else ()
        case _:
            return ()


def _find(
    script: Script, names: Sequence[str], modules: Modules, depth: int
) -> tuple[Script, Definition] | None:
    first, *rest = names
    if first in script.definitions:
        is_once = sum(1 for item in script.tree.body if getattr(item, "name", None) == first) == 1
        is_known = is_once and first not in script.imports
        return _inside(script, script.definitions[first], rest) if is_known else None
    if depth > _DEPTH or first not in script.imports or not script.module.is_bound_once(first):
        return None
    where, member = script.imports[first]
    return _member(where, [*filter(None, [member]), *rest], modules, depth + 1)


def _inside(script: Script, definition: Definition, names: Sequence[str]) -> tuple[Script, Definition] | None:
    """What is defined in a definition, such as a static method."""
    for name in names:
        inner = [
            item
            for item in definition.body
            if isinstance(item, ast.FunctionDef | ast.ClassDef) and item.name == name
        ]
        if not isinstance(definition, ast.ClassDef) or len(inner) != 1:
            return None
        definition = inner[0]
    return script, definition


def _member(
    where: str | Path, names: Sequence[str], modules: Modules, depth: int
) -> tuple[Script, Definition] | None:
    """What a module gives under some names; a module inside of it may be one of them."""
    if not names:
        return None
    module = modules(where)
    found = _find(module, names, modules, depth) if module is not None else None
    if found is not None or (module is not None and module.module.is_bound(names[0])):
        return found
    inner = where / names[0] if isinstance(where, Path) else f"{where}.{names[0]}"
    return _member(inner, names[1:], modules, depth)
