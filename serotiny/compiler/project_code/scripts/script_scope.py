"""What is looked at of a script: the functions that are given its config, and the objects that keep it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from serotiny.compiler.project_code.scripts.definitions import Family
from serotiny.compiler.project_code.scripts.script import Script
from serotiny.compiler.project_code.scripts.script_config import Held, aliases, evaluated, on_condition


@dataclass(frozen=True, eq=False)
class Made:
    """An object that a script makes.

    Attributes:
        family: its class.
        attributes: the parts of the config that it keeps.
        start: its constructor, where that is given a part of the config.
    """

    family: Family
    attributes: Held
    start: Scope | None


@dataclass(frozen=True, eq=False)
class Scope:
    """A function that is given the config of a script, or parts of it.

    Attributes:
        held: what its parameters hold, and the attributes of its object.
        is_reached: it is certainly called.
        is_asked: it is called only where a condition holds.
        owner: the name of the class of which it is a method.
        place: the place of that class in the family of its object.
        made: its object.
        is_alone: no call of it is seen.
    """

    script: Script
    function: ast.FunctionDef
    held: Held
    is_reached: bool
    is_asked: bool = False
    owner: str = ""
    place: int = 0
    made: Made | None = None
    is_alone: bool = False

    @cached_property
    def known(self) -> Held:
        """What its variables hold, those that it only reads from."""
        return aliases(self.held, self.function, is_untouched=False)

    @cached_property
    def untouched(self) -> Held:
        """Likewise, without those that it gives to anything else."""
        return aliases(self.held, self.function, is_untouched=True)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that is in it."""
        return tuple(ast.walk(self.function))

    @cached_property
    def certain(self) -> frozenset[int]:
        """The ids of the nodes that are certainly evaluated."""
        return frozenset(evaluated(self.function.body)) if self.is_reached else frozenset()

    @cached_property
    def _on_condition(self) -> frozenset[int]:
        return frozenset(on_condition(self.function))

    def asks_before(self, node: ast.AST) -> bool:
        """Whether a node in it is evaluated only where a condition holds."""
        return self.is_asked or id(node) in self._on_condition


def names_of(functions: Iterable[Scope]) -> frozenset[str]:
    """The names by which functions are called: their own, and those of the classes of methods."""
    return frozenset(name for scope in functions for name in (scope.function.name, scope.owner))
