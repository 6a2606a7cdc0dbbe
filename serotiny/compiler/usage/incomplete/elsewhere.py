"""What may be there where a job runs, though it is not where the job is checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.limits import TOO_MANY_VALUES
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Unknown, select, split
from serotiny.diagnostics import Diagnostic, Severity

_NOT_READ: Final = "Hydra reads it all the same; nothing of it is checked"


def mended_elsewhere(fault: Diagnostic, resolved: Resolved) -> Diagnostic | None:
    """A fault as a warning, if it may be none where the job runs.

    A variable of the environment may be set there, a plug-in of Hydra's installed, and a relative folder lie elsewhere;
    what is too large to be read here is read there; and `__main__` is the script that is started.
    """
    is_there = fault.code == "SER204" or _is_of_a_plugin(fault) or _is_of_the_script(fault, resolved)
    if is_there or _is_relative_folder(fault, resolved):
        return replace(fault, severity=Severity.WARNING)
    if fault.code == "SER108" and fault.help == TOO_MANY_VALUES:
        return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _NOT_READ))
    return None


def _is_of_the_script(fault: Diagnostic, resolved: Resolved) -> bool:
    """Whether a fault is a target of the script itself, which it finds where it is the one that is started."""
    node = select(resolved.root, split(fault.key or "")) if fault.code == "SER502" else None
    return node is not None and str(node.value).startswith("__main__.")


def _is_relative_folder(fault: Diagnostic, resolved: Resolved) -> bool:
    """Whether a fault is a folder of Hydra's that is relative to where the project's own script is started."""
    if fault.code != "SER506" or resolved.hydra is None:
        return False
    node = select(resolved.hydra, split(fault.key or "")[1:])
    if node is None:
        return False
    is_unknown = node.reference is not None and isinstance(node.value, Unknown)
    return str(node.reference.text if node.reference and is_unknown else node.value).startswith("..")


def _is_of_a_plugin(fault: Diagnostic) -> bool:
    """Whether a fault is about an option of Hydra's own groups, which a plug-in may add."""
    return fault.code in ("SER104", "SER111") and is_hydras((fault.key or "").replace(".", "/"))
