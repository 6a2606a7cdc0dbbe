"""What is said of configs that may lie in folders which a plug-in adds to Hydra's search path."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.diagnostics import Diagnostic, Severity

_ADDED: Final = "a plug-in in the project's code adds folders of configs, which may have it"
_ADDED_BY_ANOTHER: Final = "an installed plug-in adds folders of configs, which may have it"


def in_added_folder(fault: Diagnostic, composed: Composed, code: ProjectCode) -> Diagnostic | None:
    """A fault of a job as a warning, if such a folder may mend it; a project in serotiny's own layout has none."""
    if composed.layout.is_own or not _may_be_elsewhere(fault):
        return None
    if code.words.adds_folders():
        return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _ADDED))
    # imports Hydra, which few checks need
    from serotiny.compiler.hydra.plugins import installed_plugin_adds_folders

    if installed_plugin_adds_folders():
        return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _ADDED_BY_ANOTHER))
    return None


def _may_be_elsewhere(fault: Diagnostic) -> bool:
    """Whether a fault is about a group, config or option that another folder may have; not an option like one that is here."""
    return fault.code in ("SER103", "SER105") or (fault.code == "SER104" and fault.suggestion is None)
