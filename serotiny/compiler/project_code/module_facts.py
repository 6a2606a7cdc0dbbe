"""What is so of each module of a project by its text alone, kept on disk between calls."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from serotiny.cache.fingerprint import Evidence
from serotiny.cache.store import AnswerCache
from serotiny.compiler.project_code.modules import ProjectModules

T = TypeVar("T")


class FactCache(AnswerCache):
    """The stored facts of modules: one entry for each kind of fact and each file, with a digest of the file's text."""

    def __init__(self) -> None:
        own = Path(__file__).parent
        super().__init__("modules", own, own.with_name("project"))


@dataclass
class ModuleFacts(Generic[T]):
    """One kind of fact, which is worked out once for each text of a module.

    Attributes:
        modules: the source of the project.
        kind: its name in the cache.
        work_out: what works it out from a syntax tree, and looks at nothing else.
        to_json: it as JSON data.
        from_json: it from that data; data of another shape raises ValueError, KeyError, TypeError, IndexError or
            AttributeError.
    """

    modules: ProjectModules
    kind: str
    work_out: Callable[[ast.Module], T]
    to_json: Callable[[T], Any]
    from_json: Callable[[Any], T]
    _known: dict[Path, T | None] = field(default_factory=dict, init=False)

    def of(self, files: Set[Path]) -> Iterator[tuple[Path, T]]:
        """The facts of those of the project's own files that Python can read, in the order in which they are listed."""
        for file, text in self.modules.texts.items():
            if file not in files:
                continue
            if file not in self._known:
                self._known[file] = self._of(file, text)
            fact = self._known[file]
            if fact is not None:
                yield file, fact

    def _of(self, file: Path, text: bytes) -> T | None:
        cache = self.modules.facts
        if cache is None:
            return self._worked_out(file)
        key, digest = f"{self.kind}\n{file}", sha256(text).hexdigest()
        try:
            entry = cache.load(key)
            if entry is not None and entry.answer[0] == digest:
                return None if entry.answer[1] is None else self.from_json(entry.answer[1])
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            pass  # JSON of another shape: worked out again and replaced below
        fact = self._worked_out(file)
        cache.store(key, Evidence(), [digest, None if fact is None else self.to_json(fact)])
        return fact

    def _worked_out(self, file: Path) -> T | None:
        tree = self.modules.tree(file)
        return None if tree is None else self.work_out(tree)
