"""One fault, one report: what has one cause and one cure is told once, with its places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from serotiny.diagnostics import Diagnostic

_BY_HELP: Final = frozenset({"SER501"})
"""One entry in `trusted` ends all of them."""
_BY_MESSAGE: Final = frozenset({"SER103", "SER104", "SER105", "SER312"})
"""One group, option or package that is not there."""
_SHOWN_PLACES: Final = 3


@dataclass(frozen=True)
class Group:
    """A diagnostic, and those that tell of the same thing elsewhere."""

    first: Diagnostic
    others: tuple[Diagnostic, ...] = ()

    @property
    def note(self) -> str | None:
        """Where else, the first three of the places in all."""
        if not self.others:
            return None
        shown = [str(other.place) for other in self.others[: _SHOWN_PLACES - 1]]
        rest = len(self.others) - len(shown)
        more = f" and {rest} more (`--verbose` and JSON name them all)" if rest else ""
        return f"in {len(self.others) + 1} places: also {', '.join(shown)}{more}"


def grouped(diagnostics: Iterable[Diagnostic]) -> list[Group]:
    """The diagnostics in their order, each thing once."""
    found: dict[object, list[Diagnostic]] = {}
    for index, diagnostic in enumerate(diagnostics):
        found.setdefault(_cause(diagnostic) or index, []).append(diagnostic)
    return [Group(first, tuple(others)) for first, *others in found.values()]


def _cause(diagnostic: Diagnostic) -> tuple[str, str] | None:
    if diagnostic.code in _BY_HELP:
        return diagnostic.code, diagnostic.help or diagnostic.message
    return (diagnostic.code, diagnostic.message) if diagnostic.code in _BY_MESSAGE else None
