"""Group diagnostics with the same cause and the same fix, so that each is reported once, with its places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from serotiny.diagnostics import Diagnostic

_BY_HELP: Final = frozenset({"SER312", "SER501"})
"""Codes whose diagnostics with the same help have one fix: a package to install, or an entry in `trusted`."""
_BY_MESSAGE: Final = frozenset({"SER103", "SER104", "SER105", "SER113", "SER301", "SER305"})
"""Codes whose diagnostics with the same message have one cause: a group, option, parameter or target that is not there,
or a repository that was written for an old Hydra."""
_OF_ANNOTATIONS: Final = frozenset({"SER303", "SER304", "SER306"})
"""Codes whose warnings with the same message have one cause: an annotation that is narrower than the code."""
_SHOWN_PLACES: Final = 3


@dataclass(frozen=True)
class Group:
    """A diagnostic, with others that have the same cause elsewhere."""

    first: Diagnostic
    others: tuple[Diagnostic, ...] = ()

    @property
    def note(self) -> str | None:
        """A note on the other places, of which the first ones are listed."""
        places = [*dict.fromkeys(str(found.place) for found in (self.first, *self.others))][1:]
        if not places:
            return None  # a value that several keys have by interpolations
        shown = places[: _SHOWN_PLACES - 1]
        rest = len(places) - len(shown)
        more = f" and {rest} more (`--verbose` and JSON name them all)" if rest else ""
        return f"in {len(places) + 1} places: also {', '.join(shown)}{more}"


def grouped(diagnostics: Iterable[Diagnostic]) -> list[Group]:
    """The diagnostics in their order, as groups."""
    found: dict[object, list[Diagnostic]] = {}
    for index, diagnostic in enumerate(diagnostics):
        found.setdefault(_cause(diagnostic) or index, []).append(diagnostic)
    return [Group(first, tuple(others)) for first, *others in found.values()]


def _cause(diagnostic: Diagnostic) -> tuple[str, str] | None:
    if diagnostic.code in _BY_HELP:
        return diagnostic.code, diagnostic.help or diagnostic.message
    is_annotation = diagnostic.code in _OF_ANNOTATIONS and not diagnostic.is_error
    is_one = is_annotation or diagnostic.code in _BY_MESSAGE
    return (diagnostic.code, diagnostic.message) if is_one else None
