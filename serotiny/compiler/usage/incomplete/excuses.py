"""The faults of a job that a check of the whole project makes up, without those that further configs mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.references import reference_to
from serotiny.compiler.tree import Keys, select, split
from serotiny.compiler.usage.added_folders import in_added_folder
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.incomplete.combinations import Combinations
from serotiny.compiler.usage.incomplete.elsewhere import mended_elsewhere
from serotiny.compiler.usage.incomplete.givers import Givers
from serotiny.compiler.usage.incomplete.sets_of_options import SetsOfOptions
from serotiny.compiler.usage.outcome import Call
from serotiny.diagnostics import RULES, Diagnostic, Origin, Severity


class Excuses:
    """Finds the faults of a job that are there only because nobody would run it without a further config.

    A primary config is completed by the configs that are merged into it and by the groups in which it chooses
    nothing; an option by every config that may be used together with it. In layouts other than serotiny's, what is
    open may be given by the caller or by code as well, and what is not found here may be there where the job runs.

    Args:
        sources: the configs of the project.
        graph: which of them name which.
        code: the project's code.

    Attributes:
        givers: what other configs set; it notes what the answers depended on.
    """

    def __init__(self, sources: Sources, graph: DefaultsGraph, code: ProjectCode) -> None:
        self.givers = Givers(sources, graph)
        self._sources = sources
        self._code = code
        self._combinations = Combinations(sources, graph, self.givers)
        self._sets = SetsOfOptions(sources, graph, self.givers)

    def left_of(self, call: Call, resolved: Resolved, faults: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """The faults of a job that remain, some of them as warnings."""
        unfound = dict(resolved.unfound)
        for fault in faults:
            left = self._judged(fault, call, resolved, unfound)
            if left is not None:
                yield left

    def _judged(
        self, fault: Diagnostic, call: Call, resolved: Resolved, unfound: Mapping[Diagnostic, Keys]
    ) -> Diagnostic | None:
        composed = resolved.composed
        if fault.code == "SER306" and self._is_nobodys(call, composed):
            return None
        if not composed.layout.is_own:
            if (elsewhere := mended_elsewhere(fault, resolved)) is not None:
                return elsewhere
            if (added := in_added_folder(fault, composed, self._code)) is not None:
                return added
            if fault.code == "SER205" and fault not in resolved.diagnostics:
                # the resolver is there, but not when serotiny runs the job
                return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _BY_SCRIPT))
            if _is_left_open(fault, call, resolved) or self._is_filled_in(fault, call, resolved):
                return None
            if (note := self._combinations.made_up(fault, call, composed)) is not None:
                return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))
        if fault.code == "SER201" and fault in unfound:
            return self._unfound(fault, unfound[fault], call, resolved)
        if RULES[fault.code].only_incomplete and fault.key is not None:
            return self._missing(fault, split(fault.key), call, resolved)
        return fault

    def _is_nobodys(self, call: Call, composed: Composed) -> bool:
        """Whether a job tests or predicts with the parts of all jobs, though the project has no config for that."""
        has_file = self._sources.path_of(composed.primary) is not None
        return not call[1] and not has_file and composed.operation in ("test", "predict")

    def _is_filled_in(self, fault: Diagnostic, call: Call, resolved: Resolved) -> bool:
        """Whether a fault is null at a key that others refer to, and that further configs give: `name: null`, until an experiment names it."""
        node = select(resolved.root, split(fault.key or "")) if fault.code == "SER303" else None
        if node is None or node.value is not None or node.reference is None:
            return False
        target = reference_to(node.reference.text, split(fault.key or ""))
        return target is not None and self.givers.is_given(target, call, resolved.composed)

    def _unfound(self, fault: Diagnostic, target: Keys, call: Call, resolved: Resolved) -> Diagnostic | None:
        """An interpolation whose key is not there: a fault unless a sweep, a folder or another config gives the key."""
        composed = resolved.composed
        # Hydra's own settings are read for any job of a script, whichever parts that one uses
        is_hydras_own = split(fault.key or "")[:1] == ("hydra",)
        if (
            _is_swept(target, resolved)
            or _is_in_its_folder(target, resolved)
            or self.givers.is_given(target, call, composed, is_chosen=is_hydras_own)
        ):
            return None
        note = self._sets.goes_with_others(fault, target, call, composed)
        if note is None and not composed.layout.is_own and not self._sources.options(""):
            self.givers.depend_on_all()
            note = _OF_OTHERS
        return (
            fault if note is None else replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))
        )

    def _missing(self, fault: Diagnostic, keys: Keys, call: Call, resolved: Resolved) -> Diagnostic | None:
        """A value that is not there: a fault unless another config gives it.

        A group that the operation needs, and for which the list has null, is warned of: a call that chooses none is refused.
        """
        composed = resolved.composed
        if _is_emptied(keys, resolved) or not self.givers.is_given(keys, call, composed):
            return fault
        if composed.layout.is_own and fault.code == "SER302" and fault.key in composed.starts:
            return replace(fault, severity=Severity.WARNING, help=_CHOSEN_BY_CALLS)
        return None


_OF_OTHERS: Final = "no config of these folders starts a job: the one that this is laid over may give it"
_BY_SCRIPT: Final = "a script of the project may register it before it starts Hydra"
_CHOSEN_BY_CALLS: Final = (
    "name an option in place of null; or write `???`, where each call or experiment is to choose one"
)


def _is_left_open(fault: Diagnostic, call: Call, resolved: Resolved) -> bool:
    """Whether a fault is `???`, or null in a part that only this check adds, at a place where nothing chooses it."""
    if fault.code != "SER303":
        return fault.code == "SER203" and fault.place.origin is Origin.FILE
    is_added = any(override.startswith("+") for override in call[1])
    node = select(resolved.root, split(fault.key or "")) if is_added else None
    return node is not None and node.value is None


def _is_emptied(keys: Keys, resolved: Resolved) -> bool:
    """Whether null is written over what is chosen, as by a key whose own keys are not indented."""
    node = select(resolved.root, keys)
    return node is not None and node.value is None and bool(node.history)


def _is_in_its_folder(target: Keys, resolved: Resolved) -> bool:
    """Whether a key is found if the folder of the primary config is the config folder, as no script says it is not."""
    composed = resolved.composed
    folder = composed.primary.rpartition("/")[0]
    is_guessed = folder and composed.primary not in composed.project.named_roots
    return bool(is_guessed) and select(composed.root, (*folder.split("/"), *target)) is not None


def _is_swept(target: Keys, resolved: Resolved) -> bool:
    """Whether the sweep that a config describes (`hydra.sweeper.params`) gives a value to its jobs."""
    params = select(resolved.hydra, ("sweeper", "params")) if resolved.hydra is not None else None
    swept = [split(str(key).lstrip("+")) for key, _ in (params.children() if params is not None else ())]
    return any(target[: len(keys)] == keys for keys in swept)
