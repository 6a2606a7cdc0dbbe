"""What a project does not want to be told: `# serotiny: ignore[SER303]` on a line, and the lists of its table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from serotiny.compiler.project.leniency import Leniency
from serotiny.compiler.syntax.document import Document
from serotiny.diagnostics import Diagnostic, Origin, Place

_COMMENT: Final = re.compile(r"#\s*serotiny:\s*ignore(?:\[(?P<codes>[^\]]*)\])?(?=\s|$)")
_ALWAYS_TOLD: Final = frozenset(
    {
        # what keeps a file from being read
        *("SER101", "SER102", "SER108", "SER340"),
        # what guards against code, hosts and places that nobody trusts
        *("SER501", "SER502", "SER504", "SER505", "SER506", "SER507", "SER508"),
    }
)
"""What no comment and no list silences: whoever wrote the config may mean harm."""


@dataclass(frozen=True)
class Ignore:
    """One comment.

    Attributes:
        place: where it stands.
        line: the line that it is about.
        codes: what it silences, each a code or the beginning of one; all of them when there are none.
    """

    place: Place
    line: int
    codes: tuple[str, ...]

    def silences(self, diagnostic: Diagnostic) -> bool:
        where = diagnostic.place
        if where.file != self.place.file or where.line != self.line:
            return False
        return not self.codes or diagnostic.code.startswith(self.codes)


def ignores_of(document: Document) -> Iterator[Ignore]:
    """The comments of a document; one that has a line to itself is about the next line that holds more."""
    if "serotiny:" not in document.text:
        return
    lines = document.text.splitlines()
    for number, line in enumerate(lines, start=1):
        match = _COMMENT.search(line)
        if match is None:
            continue
        codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
        place = Place(
            Origin.FILE,
            document.file,
            line=number,
            column=match.start() + 1,
            end_line=number,
            end_column=match.end() + 1,
        )
        yield Ignore(place, number if line[: match.start()].strip() else _next_line(lines, number), codes)


def _next_line(lines: list[str], number: int) -> int:
    """The first line behind line `number`, counted from 1, that holds more than a comment."""
    for index in range(number, len(lines)):
        text = lines[index].strip()
        if text and not text.startswith("#"):
            return index + 1
    return number


@dataclass(frozen=True)
class Told:
    """What is left of diagnostics, and the comments, by place, that keep the others from being told."""

    diagnostics: list[Diagnostic]
    silenced_by: frozenset[str]


@dataclass
class Silencer:
    """Takes out of diagnostics what nobody wants to be told.

    Attributes:
        leniency: what the project does not want.
        documents: where comments may stand; further ones may be added at its end.
    """

    leniency: Leniency
    documents: Sequence[Document]
    _known: int = 0
    _ignores: dict[str, list[Ignore]] = field(default_factory=dict)
    _by_line: dict[tuple[str | None, int | None], list[Ignore]] = field(default_factory=dict)

    def told(self, diagnostics: Iterable[Diagnostic]) -> Told:
        """Those diagnostics of a job that stay."""
        self._read()
        kept: list[Diagnostic] = []
        silenced_by: set[str] = set()
        for diagnostic in diagnostics:
            ignore = self._ignore_of(diagnostic)
            if ignore is not None:
                silenced_by.add(str(ignore.place))
            elif diagnostic.code in _ALWAYS_TOLD or self.leniency.tells(
                diagnostic.code, diagnostic.place.file
            ):
                kept.append(diagnostic)
        return Told(kept, frozenset(silenced_by))

    def unused(self, silenced_by: Set[str]) -> list[Diagnostic]:
        """SER340 for each comment that silenced nothing.

        Args:
            silenced_by: those that were of use, by place.
        """
        self._read()
        return [
            Diagnostic(
                "SER340",
                f"nothing on line {ignore.line} is silenced by this",
                ignore.place,
                help="take the comment out",
            )
            for ignores in self._ignores.values()
            for ignore in ignores
            if str(ignore.place) not in silenced_by and self.leniency.tells("SER340", ignore.place.file)
        ]

    def _read(self) -> None:
        """Read the comments of the documents that were added."""
        added = self.documents[self._known :]
        self._known += len(added)
        for document in added:
            if document.file not in self._ignores:
                self._ignores[document.file] = list(ignores_of(document))
                for ignore in self._ignores[document.file]:
                    self._by_line.setdefault((document.file, ignore.line), []).append(ignore)

    def _ignore_of(self, diagnostic: Diagnostic) -> Ignore | None:
        if diagnostic.code in _ALWAYS_TOLD:
            return None
        where = diagnostic.place
        ignores = self._by_line.get((where.file, where.line), ())
        return next((ignore for ignore in ignores if ignore.silences(diagnostic)), None)
