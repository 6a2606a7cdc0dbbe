"""The method resolution order of classes that are read from source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serotiny.targets.names.stdlib import is_plain_base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serotiny.targets.names.symbols import ClassSymbol


@dataclass(frozen=True, slots=True)
class Linearisation:
    """A method resolution order.

    Attributes:
        classes: those that have source, in order, the class itself first.
        paths: the canonical paths of all, also those without source.
        certain: no base is missing or unreadable.
    """

    classes: tuple[ClassSymbol, ...]
    paths: tuple[str, ...]
    certain: bool

    @property
    def has_all_source(self) -> bool:
        """Whether the source of every class is there that may define something."""
        return self.certain and None not in self.steps()

    def steps(self, after: str | None = None) -> Iterator[ClassSymbol | None]:
        """The classes in order, with None for each one without source that may define any method.

        Args:
            after: the path of the class to begin behind; with None it begins with the class itself.
        """
        known = {found.path: found for found in self.classes}
        start = 0 if after is None else self.paths.index(after) + 1
        for path in self.paths[start:]:
            if path in known or not is_plain_base(path):
                yield known.get(path)


def linearise(symbol: ClassSymbol, bases: Callable[[ClassSymbol], list[Linearisation]]) -> Linearisation:
    """Merge the orders of the bases by C3 (Barrett et al. 1996), as Python does.

    Bases whose orders contradict each other, which Python would refuse, are put one after the other.
    """
    lines = bases(symbol)
    known = {found.path: found for line in lines for found in line.classes}
    order = _merge([list(line.paths) for line in lines] + [[line.paths[0] for line in lines]])
    classes = (symbol, *(known[path] for path in order if path in known))
    return Linearisation(classes, (symbol.path, *order), all(line.certain for line in lines))


def _merge(rows: list[list[str]]) -> list[str]:
    order: list[str] = []
    while rows := [row for row in rows if row]:
        later = {path for row in rows for path in row[1:]}
        head = next((row[0] for row in rows if row[0] not in later), rows[0][0])
        order.append(head)
        rows = [[path for path in row if path != head] for row in rows]
    return order
