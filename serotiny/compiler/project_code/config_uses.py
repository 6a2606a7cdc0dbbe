"""What each module of a project does with its configs; each is asked once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from serotiny.compiler.project_code.config_use import ConfigUse
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
    _by_file: dict[Path, ConfigUse] = field(default_factory=dict, init=False)

    @property
    def making(self) -> Iterator[ConfigUse]:
        """What each module reads that may instantiate something."""
        return (use for _, use in self.with_words(INSTANTIATING))

    def with_words(self, words: Iterable[str]) -> Iterator[tuple[Path, ConfigUse]]:
        """What each module reads that contains one of the words."""
        return ((file, self._of(file, tree)) for file, tree in self.modules.with_words(words))

    def reading(self, keys: Keys) -> Iterator[ConfigUse]:
        """What each module reads that names the last two of these keys."""
        *_, holder, key = ("", *map(str, keys))
        texts = self.modules.texts
        files = (file for file in self.modules.holding({holder}) if names(texts[file], key.encode()))
        return (self._of(file, tree) for file, tree in self.modules.parsed(files))

    def _of(self, file: Path, tree: ast.Module) -> ConfigUse:
        if file not in self._by_file:
            self._by_file[file] = ConfigUse.of_module(tree)
        return self._by_file[file]


def names(text: bytes, key: bytes) -> bool:
    """Whether a source has a key as an attribute or at the end of a text, as code that reads or removes it does."""
    return key in text and re.search(rb"[.'\"]\s*%s(?!\w)" % re.escape(key), text) is not None
