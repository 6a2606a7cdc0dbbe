"""References to a key that is there under a misspelt name, which is a fault of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from serotiny.compiler.defaults.faults.entries import GLOBAL_LINE
from serotiny.compiler.lookup import reach
from serotiny.compiler.project_code.one_slip import is_one_slip_away
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Keys, join, select, split
from serotiny.compiler.validation.causes.laid_elsewhere import laid_instead
from serotiny.diagnostics import NOWHERE, Diagnostic, Place, Severity
from serotiny.diagnostics.counts import first_of


def told_where_given(resolved: Resolved, sources: Sources, mentions: Callable[[str], bool]) -> Resolved:
    """The job; several interpolations of what nothing gives only since its key is misspelt where it is given, as one fault.

    It stands at that key, or at the package of an option, and not at the interpolations, which agree on the name.

    Args:
        resolved: the job.
        sources: the configs of the project.
        mentions: whether the project's own code has a word.
    """
    asking: dict[Keys, list[Diagnostic]] = {}
    for fault, target in resolved.unfound:
        depth, _ = reach(resolved.root, target)
        asking.setdefault(target[: depth + 1], []).append(fault)
    told: dict[Diagnostic, Diagnostic | None] = {}
    for missing, faults in asking.items():
        if len({fault.place for fault in faults}) == 1:
            continue
        ask = _Ask(missing, tuple(faults), resolved)
        found = ask.told_at_package(sources) or ask.told_at_key(mentions)
        if found is not None:
            told |= {**dict.fromkeys(faults, None), faults[0]: found}
    if not told:
        return resolved
    unfound = [(told.get(fault, fault), target) for fault, target in resolved.unfound]
    diagnostics = [told.get(fault, fault) for fault in resolved.diagnostics]
    return replace(
        resolved,
        diagnostics=tuple(fault for fault in diagnostics if fault is not None),
        unfound=tuple((fault, target) for fault, target in unfound if fault is not None),
    )


@dataclass(frozen=True)
class _Ask:
    """What several interpolations ask for in vain."""

    missing: Keys
    faults: tuple[Diagnostic, ...]
    resolved: Resolved

    def told_at_package(self, sources: Sources) -> Diagnostic | None:
        """One fault at the entry of a defaults list that lays the option of a group at another package, which nothing reads."""
        laid = laid_instead(self.missing, self.resolved, sources)
        if laid is None or self._is_read(laid[0]):
            return None
        package, entry = laid
        message = f"the option of `{entry.group}` is laid at `{join(package)}`, and {self._others}"
        return self._told(message, entry.place or NOWHERE, help=f"take `@{entry.package}` out")

    def told_at_key(self, mentions: Callable[[str], bool]) -> Diagnostic | None:
        """One fault at the only key beside the missing one that is one slip away from it and that nothing reads."""
        *above, name = self.missing
        holder = select(self.resolved.root, tuple(above))
        if holder is None or not holder.is_mapping or "_target_" in holder.value:
            return None
        slips = (key for key in map(str, holder.value) if is_one_slip_away(str(name), key))
        near = [key for key in slips if not mentions(key)]
        if len(near) != 1 or self._is_read((*above, *near)):
            return None
        message = f"nothing reads `{join((*above, *near))}`, and {self._others}"
        notes = (f"the first is at {self.faults[0].place}",)
        return self._told(message, holder.value[near[0]].blame_key(), suggestion=str(name), notes=notes)

    @property
    def _others(self) -> str:
        return f"interpolations ask for `{join(self.missing)}`, which is not there"

    def _is_read(self, keys: Keys) -> bool:
        return any(read[: len(keys)] == keys for read in self.resolved.referenced)

    def _told(
        self,
        message: str,
        place: Place,
        help: str | None = None,
        suggestion: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Diagnostic:
        # with the key of a value that asks, which is what a job fails to read
        return replace(
            self.faults[0], message=message, place=place, help=help, suggestion=suggestion, notes=notes
        )


def without_consequences(
    faults: Iterable[Diagnostic], unfound: Mapping[Diagnostic, Keys]
) -> list[Diagnostic]:
    """The faults, without the interpolations that lead to a key which another fault says how to spell.

    Of a file that is to be laid over the whole config, and is not, the values are at the wrong place: no other fault of
    theirs is told. Nor is the form of a value of which another fault says what it must be.

    Args:
        faults: those of a job.
        unfound: each SER201 with the key that it looked for, from the root.
    """
    faults = list(faults)
    meant = {
        (*split(fault.key)[:-1], fault.suggestion)
        for fault in faults
        if fault.key is not None and fault.suggestion is not None and fault not in unfound
    }
    misplaced = {fault.place.file for fault in faults if _is_of_package(fault)}
    failing = {
        fault.place.file for fault in faults if fault.is_error and not fault.code.startswith(_OF_COMPOSING)
    }
    told = {fault.place for fault in faults if fault.code != _OF_FORMS}
    return _once_for_each_value(
        # what is told in the place of errors is one
        replace(fault, severity=Severity.ERROR)
        if _is_of_package(fault) and fault.place.file in failing
        else fault
        for fault in faults
        if not (fault.code == _OF_FORMS and fault.place in told)
        and not _leads_to(unfound.get(fault, ()), meant)
        and (
            fault.place.file not in misplaced or fault.code.startswith(_OF_COMPOSING) or _is_of_package(fault)
        )
    )


def _is_of_package(fault: Diagnostic) -> bool:
    """Whether a fault says that a file is to be laid over the whole config."""
    return fault.code in ("SER109", "SER308") and GLOBAL_LINE in (fault.help or "")


def _once_for_each_value(faults: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The faults; those of one value that several keys have, by interpolations, and that must be the same in each, as one."""
    of_values: dict[tuple[Place, str, str], list[Diagnostic]] = {}
    for fault in (faults := list(faults)):
        if fault.wanted is not None:
            of_values.setdefault((fault.place, fault.code, fault.wanted), []).append(fault)
    told: dict[Diagnostic, Diagnostic | None] = {}
    for alike in of_values.values():
        # the key that the value is written at comes first
        first, *others = sorted(alike, key=lambda fault: (not fault.is_error, any(map(_is_via, fault.notes))))
        if others and len({fault.key for fault in alike}) == len(alike):
            note = f"the same goes for {first_of([f'`{fault.key}`' for fault in others])}"
            told |= {**dict.fromkeys(others, None), first: replace(first, notes=(*first.notes, note))}
    judged = [told.get(fault, fault) for fault in faults]
    return [fault for fault in judged if fault is not None]


def _is_via(note: str) -> bool:
    return note.startswith("reached through ")


_OF_FORMS: Final = "SER124"

_OF_COMPOSING: Final = "SER1"
"""What the codes of composing begin with."""


def _leads_to(target: Keys, meant: Collection[Keys]) -> bool:
    return any(target[:depth] in meant for depth in range(1, len(target) + 1))
