"""Choices that nobody but a check of the whole project makes together."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.override import key_of
from serotiny.compiler.tree import split
from serotiny.compiler.usage.calls import Call
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.incomplete.givers import Givers
from serotiny.diagnostics import Diagnostic

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

    def made_up(self, fault: Diagnostic, call: Call, primary: str) -> str | None:
        """Why a fault is only one of choices that nobody but this check makes together; None if it is not.

        A choice can decide on another one by an interpolation (`train: ${task}PPO`), which a user replaces as well. And
        a config that the check fills in for `???` has values for its own default options, not for those tried in it; so
        has a primary config, where an option is tried in it that others have too.
        """
        if fault.code == "SER104":
            return self._decided_by_another(fault, call)
        if fault.code in _OF_ANOTHER and len(call[1]) >= 2 and fault.key is not None:
            return self._said_to_another(fault, fault.key, call)
        if fault.code == "SER109" and len(call[1]) == 1 and self._is_in(fault, primary):
            return self._said_to_its_own(primary, call[1][0])
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

    def _decided_by_another(self, fault: Diagnostic, call: Call) -> str | None:
        """Whether the option that is not there is named by an interpolation of a choice that the check made."""
        self._givers.depend_on_all()
        named = self._named_at(fault)
        deciding = next((group for group in map(key_of, call[1]) if f"${{{group}}}" in named), None)
        return f"`{deciding}` decides it: choose both" if deciding else None

    def _said_to_another(self, fault: Diagnostic, key: str, call: Call) -> str | None:
        """Whether a config that was filled in gives a value to the option that was tried last."""
        self._givers.depend_on_all()
        *filled_in, (tried, files) = [(override, self._files_of(override)) for override in call[1]]
        package = split((tried.partition("=")[0].partition("@")[2] or key_of(tried)).replace("/", "."))
        is_inside = split(key.replace("/", "."))[: len(package)] == package
        if not is_inside or fault.place.file in files:
            return None
        meant = next((override for override, own in filled_in if fault.place.file in own), None)
        return f"`{meant}` has values for another option than `{tried}`" if meant else None

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
