"""What is missing because an override of the call takes it out (`~data.path`)."""

from __future__ import annotations

from dataclasses import replace

from serotiny.compiler.composition.compose import Composed
from serotiny.diagnostics import Diagnostic

_OF_CLASSES = ("SER302", "SER303", "SER309")
"""The codes of a mapping without the `_target_` that it needs."""


def told_where_deleted(fault: Diagnostic, composed: Composed) -> Diagnostic:
    """The fault; of what an override takes out, at that override."""
    if fault.key is None or fault.code not in _OF_CLASSES or fault.place.override is not None:
        return fault
    by = composed.deleted(f"{fault.key}._target_")
    if by is None and fault.code == "SER302":
        by = composed.deleted(fault.key)
    if by is None:
        return fault
    return replace(fault, place=by.key_place, help=f"take `{by.text}` out", suggestion=None)
