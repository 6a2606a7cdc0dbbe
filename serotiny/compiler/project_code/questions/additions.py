"""What a project's code gives to the nodes of its configs, beside what is written there."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

from serotiny.cache.questions import question
from serotiny.compiler.project.entry_points import EntryPoint
from serotiny.compiler.project_code.command_line import added_keys
from serotiny.compiler.project_code.module_facts import ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.partial_calls import partial_calls
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.supplies import (
    GIVING,
    INSTANTIATING,
    SETTING,
    Supply,
    keys_of_parameters,
    merges_whole,
    root_keys,
    supplies,
)
from serotiny.compiler.tree import Keys


@dataclass
class Additions(Subject):
    """The keys and arguments that a project's code adds.

    Attributes:
        modules: its source.
        points: the places where its scripts name their configs.
    """

    asked_as: ClassVar[str] = "additions"

    modules: ProjectModules
    points: Callable[[], tuple[EntryPoint, ...]]

    @question
    def supplies_of(self, keys: Keys, primary: str = "") -> list[Supply]:
        """The calls by which the project's code passes more arguments to the node at these keys.

        Args:
            keys: the place of the node.
            primary: leave out what scripts of other primary configs do, where this one has a script too.
        """
        return self._reaching(keys, primary, self._supplies)

    @question
    def replaces_in_partial(self, keys: Keys, name: str, primary: str = "") -> bool:
        """Whether the project's code calls the partial that it makes of the node at these keys with an argument of a name.

        Args:
            keys: the place of the node.
            name: that of the argument.
            primary: as of `supplies_of`.
        """
        return any(name in call.names for call in self._reaching(keys, primary, self._partial_calls))

    def _reaching(self, keys: Keys, primary: str, supplied: tuple[Supply, ...]) -> list[Supply]:
        has_script = any(point.is_script and point.config == primary for point in self.points())
        return [
            found
            for found in supplied
            if found.reaches(keys) and not (has_script and found.primaries and primary not in found.primaries)
        ]

    @question
    def gives(self, keys: Keys) -> bool:
        """Whether the project's code names what stands at some keys, and gives it to the node around it."""
        return any(keys[-1] in found.names for found in self.supplies_of(keys[:-1]))

    @question
    def sets(self, name: str) -> bool:
        """Whether the project's code gives a whole config a key of this name."""
        return name in self._root_keys

    @question
    def sets_computed_keys(self) -> bool:
        """Whether the project's code gives a whole config keys of which the source does not show the names."""
        return None in self._root_keys

    @question
    def merges(self, primary: str) -> bool:
        """Whether the project's code merges the whole of a primary config with another one.

        What a module merges that starts from configs itself is one of those; a script's own config is no other script's.
        """
        has_script = any(point.is_script and point.config == primary for point in self.points())
        for file, tree in self.modules.with_words({"merge"}):
            composed = {point.config for point in self.points() if point.file == file}
            is_of_others = primary not in composed and (None not in composed or has_script)
            if not (composed and is_of_others) and merges_whole(tree):
                return True
        return False

    @question
    def completes_partials(self, name: str) -> bool:
        """Whether the project's code changes what a partial has, in a module that names this argument: `made.keywords["ids"] = …`."""
        return any(
            isinstance(node, ast.Constant) and node.value == name
            for tree in self.modules.trees_with({".keywords"})
            for node in ast.walk(tree)
        )

    @question
    def assigns(self, name: str) -> bool:
        """Whether a function of the project gives a key of this name another value, in the config that it is given."""
        return any(name in names for _, names in self._of_parameters.of(self.modules.holding({name})))

    @cached_property
    def _of_parameters(self) -> ModuleFacts[frozenset[str | None]]:
        return self._facts("keys of parameters", keys_of_parameters)

    @question
    def replaces(self, name: str) -> bool:
        """Whether the project's code may put something else in the place of a part of a whole config, of whatever name."""
        return not self._replaced.isdisjoint({name, None})

    @question
    def replaces_named(self, name: str) -> bool:
        """Likewise, of this name."""
        return name in self._replaced

    @cached_property
    def _replaced(self) -> frozenset[str | None]:
        # what a script has logged is a copy: `hparams["model"] = cfg["model"]`
        find = partial(root_keys, besides="hparams")
        return self._names("replaced root keys", {"setattr", "OmegaConf", "DictConfig"}, find)

    @cached_property
    def _root_keys(self) -> frozenset[str | None]:
        given = self._names("keys of the command line", {"argv"}, added_keys)
        return given | self._names("root keys", {"open_dict", "set_struct", "force_add"}, root_keys)

    def _names(
        self, kind: str, words: Set[str], find: Callable[[ast.Module], Iterable[str | None]]
    ) -> frozenset[str | None]:
        """The names that are found in the modules with one of some words; None for any that a module computes."""
        facts = self._facts(kind, find)
        return frozenset(name for _, names in facts.of(self.modules.holding(words)) for name in names)

    def _facts(
        self, kind: str, find: Callable[[ast.Module], Iterable[str | None]]
    ) -> ModuleFacts[frozenset[str | None]]:
        return ModuleFacts(
            modules=self.modules,
            kind=kind,
            work_out=lambda tree: frozenset(find(tree)),
            to_json=lambda names: sorted(names, key=str),
            from_json=_names_from_json,
        )

    @question
    def leaves(self, keys: Keys) -> bool:
        """Whether the project's code may instantiate a parent of the node at these keys with `_recursive_=False`."""
        return any(found.spares(keys) for found in self._supplies)

    @cached_property
    def _supplies(self) -> tuple[Supply, ...]:
        files = self.modules.holding(GIVING) | self.modules.matching(SETTING)
        return self._with_primaries("supplies", files, supplies)

    @cached_property
    def _partial_calls(self) -> tuple[Supply, ...]:
        return self._with_primaries("partial calls", self.modules.holding(INSTANTIATING), partial_calls)

    def _with_primaries(
        self, kind: str, files: Set[Path], read: Callable[[ast.Module], Iterator[Supply]]
    ) -> tuple[Supply, ...]:
        facts = ModuleFacts[tuple[Supply, ...]](
            modules=self.modules,
            kind=kind,
            work_out=lambda tree: tuple(read(tree)),
            to_json=lambda found: [supply.to_json() for supply in found],
            from_json=lambda data: tuple(map(Supply.from_json, data)),
        )
        return tuple(
            replace(found, primaries=primaries)
            for file, of_module in facts.of(files)
            for primaries in [self.started_by(file)]
            for found in of_module
        )

    def started_by(self, file: Path) -> frozenset[str]:
        """The primary configs of a script that no other module imports; empty for other modules, or where one is not known."""
        names = {point.config for point in self.points() if point.is_script and point.file == file}
        if not names:
            return frozenset()
        importing = re.compile(
            rb"^\s*(?:from|import)\b.*\b%s\b" % re.escape(file.stem.encode()), re.MULTILINE
        )
        if None in names or any(
            importing.search(text) for other, text in self.modules.texts.items() if other != file
        ):
            return frozenset()
        return frozenset(name for name in names if name is not None)


def _names_from_json(data: Any) -> frozenset[str | None]:
    return frozenset(None if name is None else str(name) for name in data)
