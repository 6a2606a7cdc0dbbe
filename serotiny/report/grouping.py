"""Group diagnostics with the same cause and the same fix, so that each is reported once, with its places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from serotiny.diagnostics import Diagnostic

_BY_HELP: Final = frozenset({"SER312", "SER501"})
"""Codes whose diagnostics with the same help have one fix: a package to install, or an entry in `trusted`."""
_BY_MESSAGE: Final = frozenset({"SER103", "SER104", "SER105", "SER108", "SER113", "SER301", "SER305"})
"""Codes whose diagnostics with the same message have one cause: a group, option, parameter or target that is not there,
what is too much to be read, or a repository that was written for an old Hydra."""
_BY_BOTH: Final = frozenset({"SER109"})
"""Codes whose diagnostics with the same message and the same help have one cause: a choice that no list makes."""
_OF_ANNOTATIONS: Final = frozenset({"SER303", "SER304", "SER306"})
"""Codes whose warnings with the same message have one cause: an annotation that is narrower than the code."""
_OF_KEYS: Final = {"SER301": "", "SER111": "is not a setting"}
"""Codes whose diagnostics in one node have one cause where the same is said of each key, with the same help, and how that
begins: what is called has other parameters, or another launcher of Hydra's is meant."""
_SHOWN_PLACES: Final = 3


@dataclass(frozen=True)
class Group:
    """A diagnostic, with others that have the same cause elsewhere."""

    first: Diagnostic
    others: tuple[Diagnostic, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The other keys that are refused, then the other places, of which the first ones are listed."""
        found = (self._keys_note(), self._places_note())
        return tuple(note for note in found if note is not None)

    def _keys_note(self) -> str | None:
        if self.first.code not in _OF_KEYS:
            return None
        names = [*dict.fromkeys(_node_and_name(found)[1] for found in (self.first, *self.others))][1:]
        return f"nor are {', '.join(f'`{name}`' for name in names)}" if names else None

    def _places_note(self) -> str | None:
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
    together: dict[object, list[Diagnostic]] = {}
    for index, same in enumerate(found.values()):
        together.setdefault(_refusing_node(same[0]) or index, []).extend(same)
    return [Group(first, tuple(others)) for first, *others in together.values()]


def _cause(diagnostic: Diagnostic) -> tuple[str, ...] | None:
    if diagnostic.code in _BY_HELP:
        return diagnostic.code, diagnostic.help or diagnostic.message
    if diagnostic.code in _BY_BOTH and diagnostic.help is not None:
        return diagnostic.code, diagnostic.message, diagnostic.help
    is_annotation = diagnostic.code in _OF_ANNOTATIONS and not diagnostic.is_error
    is_one = is_annotation or diagnostic.code in _BY_MESSAGE
    return (diagnostic.code, diagnostic.message) if is_one else None


def _refusing_node(diagnostic: Diagnostic) -> tuple[str, str, str | None] | None:
    """The node of a key that is refused, why, and what it takes; None where that key was meant to be another."""
    why = diagnostic.message.partition("` ")[2]
    begins = _OF_KEYS.get(diagnostic.code)
    is_of_keys = begins is not None and why.startswith(begins)
    if not is_of_keys or diagnostic.key is None or diagnostic.suggestion is not None:
        return None
    return _node_and_name(diagnostic)[0], why, diagnostic.help


def _node_and_name(diagnostic: Diagnostic) -> tuple[str, str]:
    node, _, name = (diagnostic.key or "").rpartition(".")
    return node, name
