"""Which names and texts a project's code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final

from serotiny.cache.questions import question
from serotiny.compiler.project_code.comparisons import Comparisons, names_of
from serotiny.compiler.project_code.config_uses import ConfigUses
from serotiny.compiler.project_code.module_facts import ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.one_slip import one_slip_away
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.scripts.given_values import assigned_names
from serotiny.targets.modules.written_names import last_name

_WORD: Final = re.compile(rb"[A-Za-z_]\w*", re.ASCII)

_OF_TEXTS: Final = frozenset(
    {"split", "rsplit", "splitlines", "strip", "lower", "upper", "startswith", "partition"}
)
"""Methods of texts; a tensor is split too, but not at a text."""

_SEARCH_PATH_PLUGIN: Final = "SearchPathPlugin"
_REGISTERS_PLUGIN: Final = "register_hydra_plugin"
"""What packages call their function that registers a plug-in of theirs, by which scripts find their configs."""


@dataclass
class Words(Subject):
    """The words of a project's code.

    Attributes:
        modules: its source.
        uses: what each of its modules reads.
    """

    asked_as: ClassVar[str] = "words"

    modules: ProjectModules
    uses: ConfigUses
    _read_instead: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, init=False)

    @question
    def may_assign(self, name: str) -> bool:
        """Whether the project's code may give a key of this name another value, in whatever object."""
        return name in self._assigned

    @cached_property
    def _assigned(self) -> frozenset[str]:
        names = frozenset(name for text in self.modules.texts.values() for name in assigned_names(text))
        return frozenset(name.decode("utf-8", "replace") for name in names)

    @question
    def mentions(self, word: str) -> bool:
        """Whether the project's code has a word anywhere."""
        return word in self._words

    @question
    def reads_instead(self, holder: str, name: str, there: tuple[Any, ...]) -> str | None:
        """The key that the project's code reads of a node, where what stands there is one slip away from it.

        Args:
            holder: the last key of the node; "" for a whole config.
            name: the key that is there.
            there: all the keys of the node.
        """
        if (holder, name) not in self._read_instead:
            meant = sorted(one_slip_away(name) & self._words)
            read = [
                key
                for key in meant
                if any((holder, key) in use.read for use in self.uses.reading((holder, key)))
            ]
            self._read_instead[holder, name] = tuple(read)
        found = [key for key in self._read_instead[holder, name] if key not in there]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _words(self) -> frozenset[str]:
        words = frozenset(word for text in self.modules.texts.values() for word in _WORD.findall(text))
        return frozenset(word.decode() for word in words)

    @question
    def compares(self, text: str) -> bool:
        """Whether the project's code compares something with this text."""
        return any(text in found.texts for found in self._comparing(text))

    @question
    def compares_value(self, name: str, text: str) -> bool:
        """Whether the project's code compares what it calls, or reads by, some name with this text."""
        return any((name, text) in found.values for found in self._comparing(text))

    def _comparing(self, text: str) -> Iterator[Comparisons]:
        """What the modules compare that contain a text."""
        return (found for _, found in self._comparisons.of(self.modules.holding({text})))

    @cached_property
    def _comparisons(self) -> ModuleFacts[Comparisons]:
        return ModuleFacts(
            modules=self.modules,
            kind="comparisons",
            work_out=Comparisons.of_module,
            to_json=Comparisons.to_json,
            from_json=Comparisons.from_json,
        )

    @question
    def reads_as_text(self, name: str) -> bool:
        """Whether the project's code calls a method of texts of what it calls, or reads by, some name."""
        return any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _OF_TEXTS
            and name in names_of(node.func.value)
            and all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in node.args[:1])
            for tree in self.modules.trees_with({name})
            for node in ast.walk(tree)
        )

    @question
    def registers(self, name: str) -> bool:
        """Whether the project's code puts something into a registry under this name."""
        return any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "register"
            and any(isinstance(item, ast.Constant) and item.value == name for item in _given(node))
            for tree in self.modules.trees_with({name})
            for node in ast.walk(tree)
        )

    @question
    def adds_folders(self) -> bool:
        """Whether the project's code has a plug-in that adds folders to Hydra's search path, or registers one of others."""
        return any(
            (isinstance(node, ast.ClassDef) and any(map(_is_search_path_plugin, node.bases)))
            or (isinstance(node, ast.Call) and last_name(node.func) == _REGISTERS_PLUGIN)
            for tree in self.modules.trees_with({_SEARCH_PATH_PLUGIN, _REGISTERS_PLUGIN})
            for node in ast.walk(tree)
        )


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_search_path_plugin(base: ast.expr) -> bool:
    return last_name(base) == _SEARCH_PATH_PLUGIN
