"""References to a key that is there under a misspelt name, which is a fault of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from serotiny.compiler.defaults.faults.entries import GLOBAL_LINE
from serotiny.compiler.tree import Keys, split
from serotiny.diagnostics import Diagnostic


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
    misplaced = {
        fault.place.file for fault in faults if fault.code == "SER109" and GLOBAL_LINE in (fault.help or "")
    }
    told = {fault.place for fault in faults if fault.code != _OF_FORMS}
    return [
        fault
        for fault in faults
        if not (fault.code == _OF_FORMS and fault.place in told)
        and not _leads_to(unfound.get(fault, ()), meant)
        and (fault.place.file not in misplaced or fault.code.startswith(_OF_COMPOSING))
    ]


_OF_FORMS: Final = "SER124"

_OF_COMPOSING: Final = "SER1"
"""What the codes of composing begin with."""


def _leads_to(target: Keys, meant: Collection[Keys]) -> bool:
    return any(target[:depth] in meant for depth in range(1, len(target) + 1))
