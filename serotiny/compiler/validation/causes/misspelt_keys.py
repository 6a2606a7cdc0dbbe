"""References to a key that is there under a misspelt name, which is a fault of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from serotiny.compiler.tree import Keys, split
from serotiny.diagnostics import Diagnostic


def without_consequences(
    faults: Iterable[Diagnostic], unfound: Mapping[Diagnostic, Keys]
) -> list[Diagnostic]:
    """The faults, without the interpolations that lead to a key which another fault says how to spell.

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
    return [fault for fault in faults if not _leads_to(unfound.get(fault, ()), meant)]


def _leads_to(target: Keys, meant: Collection[Keys]) -> bool:
    return any(target[:depth] in meant for depth in range(1, len(target) + 1))
