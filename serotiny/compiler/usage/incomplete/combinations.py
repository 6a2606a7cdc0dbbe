"""Choices that nobody but a check of the whole project makes together."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.override import choice_of, key_of
from serotiny.compiler.tree import split
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.incomplete.givers import Givers
from serotiny.compiler.usage.outcome import Call
from serotiny.diagnostics import Diagnostic

_OF_A_PLACE: Final = frozenset({"SER302", "SER307"})
"""The codes for what an option lacks, or is, at the place where it is laid."""

_OF_ANOTHER: Final = frozenset({"SER109", "SER301", "SER302", "SER303", "SER304"})
"""The codes for what is said to an option, and makes sense for another one: arguments, and choices that it has not."""


class Combinations:
    """Finds the faults that come from choices which a user would replace, too.

    Args:
        sources: the configs of the project.
        graph: which of them name which.
        givers: is told what the answers depended on.
    """

    def __init__(self, sources: Sources, graph: DefaultsGraph, givers: Givers) -> None:
        self._sources = sources
        self._graph = graph
        self._givers = givers

    def made_up(self, fault: Diagnostic, call: Call, composed: Composed) -> str | None:
        """Why a fault is only one of choices that nobody but this check makes together; None if it is not.

        A choice can decide on another one by an interpolation (`train: ${task}PPO`), which a user replaces as well. And
        a config that the check fills in for `???` has values for its own default options, not for those tried in it; so
        has a primary config, where an option is tried in it that others have too.
        """
        if fault.code == "SER104":
            return self._decided_by_another(fault, call, composed)
        note = None
        if fault.code in _OF_ANOTHER and len(call[1]) >= 2 and fault.key is not None:
            note = self._said_to_another(fault, fault.key, call)
        note = note or self._at_the_place_of_another(fault, call)
        if note is not None:
            return note
        if fault.code == "SER109" and len(call[1]) == 1 and self._is_in(fault, composed.primary):
            return self._said_to_its_own(composed.primary, call[1][0])
        return None

    def _is_in(self, fault: Diagnostic, primary: str) -> bool:
        return fault.place.file == self._sources.file_of(primary)

    def _said_to_its_own(self, primary: str, tried: str) -> str | None:
        """Whether a primary config overrides choices of its own option of a group in which others choose as well."""
        self._givers.depend_on_all()
        roots = (root for root in self._sources.options("") if root != primary)
        chosen_in = self._graph.chosen_in
        other = next((root for root in roots if key_of(tried) in chosen_in.get(root, ())), None)
        return (
            f"`{primary}` is for an option of its own, and `{tried}` may be for `{other}`" if other else None
        )

    def _at_the_place_of_another(self, fault: Diagnostic, call: Call) -> str | None:
        """Whether an option is tried at a place that is named after another one: `checks@hooks.last: saving`.

        Its values are for that one; and what this one lacks is given where it has a place of its own.
        """
        key = choice_of(call[1][-1]) if call[1] else ""
        group, _, place = key.partition("@")
        package, own = split(place), group.rpartition("/")[2]
        if not package or fault.key is None or _alike(own, str(package[-1])):
            return None
        is_inside = _is_laid_at(fault.key, call[1][-1])
        is_given = fault.code in _OF_ANOTHER and fault.place.file not in self._files_of(call[1][-1])
        if not is_inside or not (is_given or fault.code in _OF_A_PLACE):
            return None
        self._givers.depend_on_all()
        return f"`{place}` is the place of another option: nobody chooses this one there"

    def _decided_by_another(self, fault: Diagnostic, call: Call, composed: Composed) -> str | None:
        """Whether the option that is not there is named by an interpolation of a choice that the check made, or that nobody made."""
        self._givers.depend_on_all()
        named = self._named_at(fault)
        open_groups = sorted(composed.groups - composed.choices.keys())
        groups = (*map(key_of, call[1]), *open_groups)
        deciding = next((group for group in groups if f"${{{group}}}" in named), None)
        return f"`{deciding}` decides it: choose both" if deciding else None

    def _said_to_another(self, fault: Diagnostic, key: str, call: Call) -> str | None:
        """Whether a config that was filled in gives a value to the option that was tried last, or gets one from it."""
        self._givers.depend_on_all()
        *filled_in, (tried, files) = [(override, self._files_of(override)) for override in call[1]]
        if fault.place.file in files:
            if fault.code == "SER109":
                return None
            other = next((override for override, _ in filled_in if _is_laid_at(key, override)), None)
            is_own = other is None or _is_laid_at(key, tried)
            return None if is_own else f"`{tried}` has values for another option than `{other}`"
        meant = next((override for override, own in filled_in if fault.place.file in own), None)
        is_inside = meant is not None and _is_laid_at(key, tried)
        return f"`{meant}` has values for another option than `{tried}`" if is_inside else None

    def _named_at(self, fault: Diagnostic) -> str:
        """What a defaults list names at the place of a fault."""
        for config_path in (*self._sources.options(""), *self._graph.configs):
            if self._graph.file(config_path) == fault.place.file:
                entries = self._graph.entries(config_path)
                return " ".join(
                    str(value)
                    for entry in entries
                    for value, place in entry.options()
                    if place == fault.place
                )
        return ""

    def _files_of(self, override: str) -> frozenset[str | None]:
        """The files of an option, and of the configs that it includes."""
        return self._graph.files_with_parts(f"{key_of(override)}/{override.partition('=')[2]}")


def _is_laid_at(key: str, override: str) -> bool:
    """Whether a key is inside of the package in which an override chooses."""
    choice = choice_of(override)
    package = split((choice.partition("@")[2] or choice).replace("/", "."))
    return split(key.replace("/", "."))[: len(package)] == package


def _alike(one: str, other: str) -> bool:
    """Whether two names differ by no more than the ending of a plural."""
    return one.startswith(other) or other.startswith(one)
