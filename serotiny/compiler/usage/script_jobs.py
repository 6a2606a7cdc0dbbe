"""The faults of a job that the project's own script starts: some are none where the script does more than is seen here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.roots import find_roots
from serotiny.compiler.sources.search_path import with_search_path
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.references import key_references
from serotiny.compiler.tree import Keys, every, split
from serotiny.compiler.usage.added_folders import in_added_folder
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.incomplete.elsewhere import mended_elsewhere
from serotiny.compiler.usage.incomplete.givers import Givers
from serotiny.diagnostics import Diagnostic, Origin, Severity

_UNSET: Final = "it is a fault where the script reads it before it sets it"
_GIVEN: Final = "other configs of the project give it: it is a fault where the script reads it"


class ScriptJobs:
    """Judges the faults of calls that serotiny does not run. Hydra leaves each value as it is until a script reads it.

    Args:
        sources: the configs of the project.
        code: the project's code.
    """

    def __init__(self, sources: Sources, code: ProjectCode) -> None:
        self._sources = sources
        self._code = code

    def judged(self, faults: Iterable[Diagnostic], resolved: Resolved) -> Iterator[Diagnostic]:
        """The faults of a job, those as warnings that need not stop the script."""
        unfound = dict(resolved.unfound)
        for fault in faults:
            yield self._judged(fault, resolved, unfound) if fault.is_error else fault

    def _judged(
        self, fault: Diagnostic, resolved: Resolved, unfound: Mapping[Diagnostic, Keys]
    ) -> Diagnostic:
        added = in_added_folder(fault, resolved.composed, self._code)
        elsewhere = added or mended_elsewhere(fault, resolved)
        if elsewhere is not None:
            return elsewhere
        # what is typed is meant, and Hydra reads its own settings before the script starts
        if fault.place.origin is not Origin.FILE or _is_of_hydra(fault, resolved):
            return fault
        if fault.code == "SER203":
            return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _UNSET))
        if fault in unfound and self._givers.is_set(unfound[fault]):
            return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _GIVEN))
        return fault

    @cached_property
    def _givers(self) -> Givers:
        every = with_search_path(self._sources, find_roots(self._sources))
        return Givers(every, DefaultsGraph(every))


def _is_of_hydra(fault: Diagnostic, resolved: Resolved) -> bool:
    """Whether Hydra itself reads a value, in its own node or by way of a reference there, before the script starts."""
    keys = split(fault.key or "")
    if keys[:1] == ("hydra",):
        return True
    nodes = () if resolved.hydra is None else every(resolved.hydra)
    texts = (node.reference.text for node in nodes if node.reference is not None)
    return any(split(reference.key) == keys for text in texts for reference in key_references(text))
