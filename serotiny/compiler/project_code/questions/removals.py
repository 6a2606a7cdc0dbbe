"""Which keys a project's code takes out of the nodes of its configs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

from serotiny.cache.questions import question
from serotiny.compiler.project_code.config_uses import ConfigUses, names
from serotiny.compiler.project_code.module_facts import ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.taken_out import TAKING, TakenOut, taken_out
from serotiny.compiler.tree import Keys

_POP_OF_ATTRIBUTE: Final = re.compile(rb"\.pop\(\s*\w+(?:\.\w+)+\s*[,)]")


@dataclass
class Removals(Subject):
    """The keys that a project's code removes.

    Attributes:
        modules: its source.
        uses: what each of its modules reads.
    """

    asked_as: ClassVar[str] = "removals"

    modules: ProjectModules
    uses: ConfigUses
    _removals: dict[str, tuple[TakenOut, ...]] = field(default_factory=dict, init=False)

    @question
    def takes_out(self, keys: Keys) -> bool:
        """Whether the project's code removes the last of these keys from its node before using the node."""
        return any(True for _ in self._removing(keys))

    @question
    def discards(self, keys: Keys) -> bool:
        """Whether the project's code removes the last of these keys from its node, and does nothing with the value."""
        found = list(self._removing(keys))
        is_kept = any(removal.is_kept for removal in found)
        return (
            bool(found) and not is_kept and not any(keys[-2:] in use.read for use in self.uses.reading(keys))
        )

    def _removing(self, keys: Keys) -> Iterator[TakenOut]:
        name = str(keys[-1])
        if name not in self._removals:
            self._removals[name] = tuple(self._removals_of(name))
        return (found for found in self._removals[name] if found.reaches(keys))

    def _removals_of(self, name: str) -> Iterator[TakenOut]:
        """What the modules remove that may remove a key of this name."""
        begun = _quoting(name[:end] for end in range(1, len(name)))
        files = {
            file
            for file, text in self.modules.texts.items()
            if names(text, name.encode())
            or (b"startswith(" in text and begun.search(text))
            or file in self._removing_unnamed
        }
        for _, found in self._taken.of(files & self.modules.holding(TAKING)):
            yield from found

    @cached_property
    def _taken(self) -> ModuleFacts[frozenset[TakenOut]]:
        return ModuleFacts(
            modules=self.modules,
            kind="taken out",
            work_out=lambda tree: frozenset(taken_out(tree)),
            to_json=lambda found: sorted(map(astuple, found)),
            from_json=lambda data: frozenset(TakenOut(tuple(path), *rest) for path, *rest in data),
        )

    @cached_property
    def _removing_unnamed(self) -> frozenset[Path]:
        """The modules that remove a key which an attribute holds."""
        return frozenset(file for file, text in self.modules.texts.items() if _POP_OF_ATTRIBUTE.search(text))


def _quoting(texts: Iterable[str]) -> re.Pattern[bytes]:
    """Finds one of these texts in source as a literal."""
    return re.compile(rb"['\"](?:%s)['\"]" % b"|".join(re.escape(text.encode()) for text in texts))
