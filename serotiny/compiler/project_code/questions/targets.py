"""What a project's code does with the targets of nodes, in Hydra's place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from serotiny.cache.questions import question
from serotiny.compiler.project_code.called_by_code import TARGET, registered_names
from serotiny.compiler.project_code.module_facts import ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.target_use import TargetUse
from serotiny.compiler.tree import Keys, ends_with


@dataclass
class Targets(Subject):
    """The targets that a project's code reads.

    Attributes:
        modules: its source.
    """

    asked_as: ClassVar[str] = "targets"

    modules: ProjectModules

    @question
    def calls(self, keys: Keys) -> bool:
        """Whether the project's code reads the target of the node at these keys, to call it itself."""
        return any(ends_with(keys, path) if path else not keys for path in self._called)

    @question
    def calls_with_some_keys(self, keys: Keys) -> bool:
        """As `calls`, where it need not give what it calls all keys of the node."""
        return any(ends_with(keys, path) if path else not keys for path in self._called_with_some_keys)

    @question
    def calls_whatever_it_gets(self) -> bool:
        """Whether it reads the target of a node that it is given, to call it, and that may be one inside of the config."""
        return any(use.calls_whatever_it_gets for use in self._uses)

    @question
    def asks_for_signatures(self) -> bool:
        """Whether the project's code asks which parameters the target of a node takes, to leave out other keys."""
        return any(use.asks_for_signatures for use in self._uses)

    @question
    def looks_up_names(self) -> bool:
        """Whether the project's code takes targets for names in a module that it has, as Hydra does not."""
        return any(use.looks_up_names for use in self._uses)

    @question
    def takes_them(self) -> bool:
        """Whether the project's code takes targets out of nodes, to go on with them itself."""
        return any(use.takes_targets for use in self._uses)

    @question
    def registers(self, name: str) -> bool:
        """Whether the project's code registers something under a name, and looks up targets itself."""
        return self.takes_them() and any(
            name in registered_names(tree) for tree in self.modules.trees_with({name})
        )

    @question
    def calls_whole(self) -> bool:
        """Whether it reads the target of a whole config, to call it."""
        return () in self._called

    @cached_property
    def _called(self) -> frozenset[tuple[str, ...]]:
        return frozenset(path for use in self._uses for path in use.called)

    @cached_property
    def _called_with_some_keys(self) -> frozenset[tuple[str, ...]]:
        return frozenset(path for use in self._uses for path in use.called_with_some_keys)

    @cached_property
    def _uses(self) -> tuple[TargetUse, ...]:
        """What each module does that reads targets."""
        facts = ModuleFacts(
            modules=self.modules,
            kind="targets",
            work_out=TargetUse.of_module,
            to_json=TargetUse.to_json,
            from_json=TargetUse.from_json,
        )
        return tuple(use for _, use in facts.of(self.modules.holding({TARGET})))
