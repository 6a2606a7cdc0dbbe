"""What the project's own code gives to a node beside what the config says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from serotiny.compiler.project import Layout
from serotiny.compiler.project_code import ProjectCode, Supply
from serotiny.compiler.target_nodes import TargetNode
from serotiny.diagnostics import Diagnostic

_MARK: Final = re.compile(r"_\w+_|<[^<>]+>|@\w+@?|%\w+%?")
"""A text that nobody means as a value: code looks for it, and puts something else in its place."""


@dataclass
class Supplied:
    """Looks into the project's source, but only when a fault hangs on it."""

    target: TargetNode
    layout: Layout
    code: ProjectCode

    def replaces(self, fault: Diagnostic) -> bool:
        """Whether a value at fault is one that the code gives instead, or puts in the place of a mark."""
        if fault.code not in ("SER303", "SER304"):
            return False
        name = self.target.parameter_of(fault.key or "")
        node = self.target.node.get(name)
        is_mark = node is not None and isinstance(node.value, str) and _MARK.fullmatch(node.value)
        # null in a node that code makes something of is a placeholder, as is a parameter that is left out
        is_placeholder = node is not None and node.value is None and self._may_be_completed
        return (
            is_placeholder or self._names(name) or bool(is_mark and node and self.code.compares(node.value))
        )

    @property
    def _may_be_completed(self) -> bool:
        return self.target.called_later or self.code.leaves(self.target.keys)

    def takes_out(self, fault: Diagnostic) -> bool:
        """Whether a parameter that there is not is a key that the code takes out first, or never hands on."""
        taken = (*self.target.keys, self.target.parameter_of(fault.key or ""))
        return fault.code == "SER301" and (self.code.takes_out(taken) or self.code.calls(self.target.keys))

    def gives(self, fault: Diagnostic) -> bool:
        """Whether a missing parameter is one that the code gives, or may give.

        Nobody knows who instantiates what stands at a key of the project's own, and what else it is given.
        """
        name = self.target.parameter_of(fault.key or "")
        is_open = self._is_of_its_own or any(supply.is_open for supply in self._supplies)
        return is_open or self._names(name) or self.code.calls(self.target.keys)

    @cached_property
    def _supplies(self) -> list[Supply]:
        return self.code.supplies_of(self.target.keys)

    def _names(self, name: str) -> bool:
        positional = [parameter.name for parameter in self.target.signature.positional]
        return any(name in {*supply.names, *positional[: supply.positions]} for supply in self._supplies)

    @property
    def _is_of_its_own(self) -> bool:
        """Whether no layout says who reads the node, and no other target is given what Hydra makes of it."""
        declared = any(self.target.keys[: len(keys)] == keys for _, keys in self.layout.places())
        return (not declared and not self.target.is_nested) or self.code.leaves(self.target.keys)
