"""What each module of a project does with the targets of nodes, in Hydra's place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from serotiny.compiler.project_code.called_by_code import (
    asks_for_signatures,
    called_by_code,
    called_with_some_keys,
    calls_whatever_it_gets,
    looks_up_names,
    takes_targets,
)


@dataclass(frozen=True, kw_only=True)
class TargetUse:
    """What one module does with targets.

    Attributes:
        called: the last keys of the nodes whose target it reads to call it; none for a whole config.
        called_with_some_keys: those of them of which it need not give all keys to what it calls.
        calls_whatever_it_gets: whether it calls the target of a node that it is given.
        asks_for_signatures: whether it asks which parameters the target of a node takes.
        looks_up_names: whether it takes targets for names in a module that it has.
        takes_targets: whether it takes a target out of a node, to go on with it itself.
    """

    called: frozenset[tuple[str, ...]]
    called_with_some_keys: frozenset[tuple[str, ...]]
    calls_whatever_it_gets: bool
    asks_for_signatures: bool
    looks_up_names: bool
    takes_targets: bool

    @classmethod
    def of_module(cls, tree: ast.Module) -> TargetUse:
        """What the functions of a module do."""
        return cls(
            called=frozenset(called_by_code(tree)),
            called_with_some_keys=frozenset(called_with_some_keys(tree)),
            calls_whatever_it_gets=calls_whatever_it_gets(tree),
            asks_for_signatures=asks_for_signatures(tree),
            looks_up_names=looks_up_names(tree),
            takes_targets=takes_targets(tree),
        )

    def to_json(self) -> list[Any]:
        """It as JSON data."""
        whether = (
            self.calls_whatever_it_gets,
            self.asks_for_signatures,
            self.looks_up_names,
            self.takes_targets,
        )
        return [sorted(self.called), sorted(self.called_with_some_keys), *whether]

    @classmethod
    def from_json(cls, data: Any) -> TargetUse:
        """It from that data.

        Raises:
            ValueError: it has another shape; TypeError may be raised too.
        """
        called, some, *whether = data
        gets, asks, looks_up, takes = map(bool, whether)
        return cls(
            called=frozenset(map(tuple, called)),
            called_with_some_keys=frozenset(map(tuple, some)),
            calls_whatever_it_gets=gets,
            asks_for_signatures=asks,
            looks_up_names=looks_up,
            takes_targets=takes,
        )
