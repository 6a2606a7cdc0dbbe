"""What each module of a project does with its configs; each is asked once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from serotiny.compiler.project_code.config_use import ConfigUse
from serotiny.compiler.project_code.module_facts import ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.supplies import INSTANTIATING
from serotiny.compiler.tree import Keys


@dataclass
class ConfigUses:
    """What the modules of a project read and make.

    Attributes:
        modules: its source.
    """

    modules: ProjectModules

    @cached_property
    def _uses(self) -> ModuleFacts[ConfigUse]:
        return ModuleFacts(
            modules=self.modules,
            kind="uses",
            work_out=ConfigUse.of_module,
            to_json=ConfigUse.to_json,
            from_json=ConfigUse.from_json,
        )

    @property
    def making(self) -> Iterator[ConfigUse]:
        """What each module reads that may instantiate something."""
        return (use for _, use in self.with_words(INSTANTIATING))

    def with_words(self, words: Iterable[str]) -> Iterator[tuple[Path, ConfigUse]]:
        """What each module reads that contains one of the words."""
        return self._uses.of(self.modules.holding(words))

    def reading(self, keys: Keys) -> Iterator[ConfigUse]:
        """What each module reads that names the last two of these keys."""
        *_, holder, key = ("", *map(str, keys))
        texts = self.modules.texts
        files = {file for file in self.modules.holding({holder}) if names(texts[file], key.encode())}
        return (use for _, use in self._uses.of(files))


def names(text: bytes, key: bytes) -> bool:
    """Whether a source has a key as an attribute or at the end of a text, as code that reads or removes it does."""
    return key in text and re.search(rb"[.'\"]\s*%s(?!\w)" % re.escape(key), text) is not None
