"""The modules of a project and those that it imports, with their syntax trees; each is read and parsed once."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from serotiny.cache.store import AnswerCache
from serotiny.filesystem import read_plain_file

_MAX_BYTES: Final = 2_000_000


@dataclass
class ProjectModules:
    """The source of a project.

    Attributes:
        listed: its files; they are listed when first needed.
        locate: returns the file of an installed module by its dotted name.
        facts: the stored facts of modules; None to work them out each time.
    """

    listed: Callable[[], Iterable[Path]]
    locate: Callable[[str], Path | None]
    facts: AnswerCache | None = None
    _trees: dict[Path, ast.Module | None] = field(default_factory=dict, init=False)
    _files_with: dict[str, frozenset[Path]] = field(default_factory=dict, init=False)

    @cached_property
    def texts(self) -> dict[Path, bytes]:
        """The text of each file that can be read."""
        return {file: text for file in self.listed() if (text := _content(file)) is not None}

    def with_words(self, words: Iterable[str]) -> Iterator[tuple[Path, ast.Module]]:
        """The project's own files that contain one of the words, with their syntax trees."""
        return self.parsed(self.holding(words))

    def holding(self, words: Iterable[str]) -> frozenset[Path]:
        """The project's own files that contain one of the words."""
        return frozenset[Path]().union(*map(self._holding, words))

    def matching(self, pattern: re.Pattern[bytes]) -> frozenset[Path]:
        """The project's own files in which an expression finds something."""
        return frozenset(file for file, text in self.texts.items() if pattern.search(text) is not None)

    def trees_with(self, words: Iterable[str]) -> list[ast.Module]:
        """The syntax trees of the project's own files that contain one of the words."""
        return [tree for _, tree in self.with_words(words)]

    def parsed(self, files: Iterable[Path]) -> Iterator[tuple[Path, ast.Module]]:
        """Those of the project's own files that Python can read, in the order in which they are listed."""
        chosen = frozenset(files)
        for file, text in self.texts.items():
            tree = self._tree(file, text) if file in chosen else None
            if tree is not None:
                yield file, tree

    def tree(self, file: Path) -> ast.Module | None:
        """The syntax tree of one of the project's own files; None where Python cannot read it."""
        return self._tree(file, self.texts[file])

    def imported_with(self, words: Iterable[str]) -> Iterator[ast.Module]:
        """The installed modules that the project imports by name and that contain one of the words."""
        wanted = [word.encode() for word in words]
        names = {name for text in self.texts.values() for name in _imported_names(text)}
        seen = set(self.texts)
        for name in sorted(names):
            file = self.locate(name)
            text = _content(file) if file is not None and file not in seen else None
            if file is None or text is None:
                continue
            seen.add(file)
            tree = self._tree(file, text) if any(word in text for word in wanted) else None
            if tree is not None:
                yield tree

    def _holding(self, word: str) -> frozenset[Path]:
        # of each key of a config this is asked for many jobs
        if word not in self._files_with:
            wanted = word.encode()
            self._files_with[word] = frozenset(file for file, text in self.texts.items() if wanted in text)
        return self._files_with[word]

    def _tree(self, file: Path, text: bytes) -> ast.Module | None:
        if file not in self._trees:
            self._trees[file] = _parse(text)
        return self._trees[file]


def _content(file: Path) -> bytes | None:
    try:
        return read_plain_file(file, _MAX_BYTES)
    except OSError:
        return None


def _parse(text: bytes) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imported_names(text: bytes) -> set[str]:
    """The absolute modules that a source imports, and the names imported from them, which may be modules too."""
    found: set[str] = set()
    # line by line, since most modules need not be parsed for anything else
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] in (b"import", b"from") and words[1][:1] != b".":
            name = words[1].rstrip(b",;").decode("utf-8", "replace")
            found.add(name)
            if words[0] == b"from" and len(words) >= 4:
                found |= {f"{name}.{item.decode('utf-8', 'replace').strip('(),')}" for item in words[3:]}
    return {name for name in found if all(part.isidentifier() for part in name.split("."))}
