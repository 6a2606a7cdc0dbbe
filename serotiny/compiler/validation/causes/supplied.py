"""Find faults that the project's own code prevents, by adding, replacing or removing values of a node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from serotiny.compiler.project import Layout
from serotiny.compiler.project_code import ProjectCode, Supply
from serotiny.compiler.target_nodes import HYDRA_KEYS, TargetNode
from serotiny.diagnostics import Diagnostic
from serotiny.targets.value_types.types import ListType, NoneType, TupleType, parts

_MARK: Final = re.compile(r"_\w+_|<[^<>]+>|@\w+@?|%\w+%?")
"""A placeholder text, which code compares with and replaces."""


_OF_ARGUMENTS: Final = frozenset({"SER301", "SER303"})
"""The codes of faults in what a call is given: an unknown name, and a value of a wrong type."""


@dataclass
class Supplied:
    """Reads the project's source, but only when a fault depends on it."""

    target: TargetNode
    layout: Layout
    code: ProjectCode

    def replaces(self, fault: Diagnostic) -> bool:
        """Whether the code passes another value instead of the one at fault, or replaces it as a placeholder."""
        if fault.code not in ("SER303", "SER304"):
            return False
        name = self.target.parameter_of(fault.key or "")
        node = self.target.node.get(name)
        is_text = node is not None and isinstance(node.value, str)
        is_mark = node is not None and is_text and _MARK.fullmatch(node.value)
        # null in a node that the code instantiates itself is a placeholder, like a parameter that is left out
        is_null = node is not None and node.value is None
        is_placeholder = is_null and (
            self._may_be_completed or self.code.making.asks((*self.target.keys, name)) or self._may_be_off
        )
        return (
            is_placeholder
            or self.names(name)
            or self.code.additions.assigns(name)
            or (
                self.target.is_partial
                and self.code.additions.replaces_in_partial(self.target.keys, name, self.target.primary)
            )
            or bool(is_mark and node and self.code.words.compares(node.value))
            or bool(is_text and node and self.code.words.compares_value(name, node.value))
            or bool(is_text and self._is_stored_list(name) and self.code.words.reads_as_text(name))
        )

    def _is_stored_list(self, name: str) -> bool:
        """Whether a list is annotated for a parameter that nothing checks, as that of a dataclass is."""
        parameter = self.target.signature.parameter(name)
        if parameter is None or parameter.body is None or parameter.body != self.target.signature.path:
            return False
        return all(isinstance(part, ListType | TupleType | NoneType) for part in parts(parameter.type))

    @property
    def _may_be_completed(self) -> bool:
        return self.target.called_later or self.code.additions.leaves(self.target.keys)

    @cached_property
    def _may_be_off(self) -> bool:
        """Whether the code asks if a key that is null here is so, as it does to leave the whole node out."""
        unset = (key for key, child in self.target.node.children() if child.value is None)
        return any(self.code.making.expects_null(str(key)) for key in unset)

    def takes_out(self, fault: Diagnostic) -> bool:
        """Whether an argument is a key that the code removes before the call, or an unknown one that it does not pass on.

        An unknown one may also be a setting that the code reads itself, of a node that nothing is seen to instantiate.
        """
        taken = (*self.target.keys, self.target.parameter_of(fault.key or ""))
        if fault.code in _OF_ARGUMENTS and self.code.removals.takes_out(taken):
            return True
        return fault.code == "SER301" and (
            self.code.targets.calls_with_some_keys(self.target.keys)
            or self._is_given_whole
            or (self._may_be_completed and self.code.making.reads(taken, is_spared=True))
            or (not self._is_declared and self.code.making.reads(taken))
        )

    def passes(self, name: str) -> bool:
        """Whether the code is seen to pass a parameter, or passes some that the source does not name."""
        return self.names(name) or any(supply.is_open for supply in self._supplies)

    def may_pass(self, name: str) -> bool:
        """Whether the code passes a parameter, or may pass it.

        It may do so for any node at a key of the project's own, unless all that it gives to that one is seen; and for one
        inside of another, where it gives a class the whole of that.
        """
        keys = self.target.keys
        is_open = self._is_of_its_own and not self.code.making.makes_in_full(keys)
        return (
            is_open
            or self.passes(name)
            or self.code.targets.calls(keys)
            or self._is_given_whole
            or (self.target.is_nested and self.code.targets.calls_whatever_it_gets())
        )

    @cached_property
    def _is_given_whole(self) -> bool:
        """Whether the code takes the target of whatever node it gets, and this one fits a class that is given all of it.

        The keys are those of what one parameter takes then, which no other need stand beside. A few may have the name of
        another parameter, as `name` easily does.
        """
        names = {key for key, _ in self.target.node.children()} - HYDRA_KEYS.keys()
        parameters = self.target.signature.parameters
        required = {item.name for item in parameters if item.required}
        others = names.difference(item.name for item in parameters)
        is_of_one = len(required) <= 1 and required.isdisjoint(names)
        is_whole = is_of_one and 2 * len(others) > len(names)
        return len(names) > 1 and is_whole and self.code.targets.calls_whatever_it_gets()

    @cached_property
    def _supplies(self) -> list[Supply]:
        keys, primary = self.target.keys, self.target.primary
        # what a script only reads parts of, another one makes
        of_any = self.code.making.is_made_elsewhere(keys, primary)
        return self.code.additions.supplies_of(keys, "" if of_any else primary)

    def names(self, name: str) -> bool:
        """Whether the code is seen to pass a parameter, or to set it in the node."""
        positional = [parameter.name for parameter in self.target.signature.positional]
        return any(name in {*supply.names, *positional[: supply.positions]} for supply in self._supplies)

    @property
    def _is_of_its_own(self) -> bool:
        """Whether only the project's code knows how the node is instantiated.

        That is so if it is neither at a place of the layout nor an argument of another target, or if the code may
        instantiate its parent with `_recursive_=False`.
        """
        is_free = not self._is_declared and not self.target.is_nested
        return is_free or self.code.additions.leaves(self.target.keys)

    @property
    def _is_declared(self) -> bool:
        """Whether the node is at a place of the layout, or below one."""
        return any(self.target.keys[: len(keys)] == keys for _, keys in self.layout.places)
