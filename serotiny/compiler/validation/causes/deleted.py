"""What is missing because an override of the call takes it out (`~data.path`)."""

from __future__ import annotations

from dataclasses import replace

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.overrides.argument import Argument
from serotiny.diagnostics import Diagnostic

_OF_CLASSES = ("SER302", "SER303", "SER309")
"""The codes of a mapping without the `_target_` that it needs."""


def told_where_deleted(fault: Diagnostic, composed: Composed) -> Diagnostic:
    """The fault; of what an override takes out, at that override."""
    if fault.key is None or fault.code not in _OF_CLASSES or fault.place.override is not None:
        return fault
    keys = {f"{fault.key}._target_", *([fault.key] if fault.code == "SER302" else [])}
    by = next((item for item in composed.arguments if item.parsed.deletes and _key(item) in keys), None)
    if by is None:
        return fault
    return replace(fault, place=by.key_place, help=f"take `{by.text}` out", suggestion=None)


def _key(argument: Argument) -> str:
    """The key that a deletion leaves without a value; of a group it is where its option was laid."""
    package = argument.parsed.package
    return package if package is not None else argument.parsed.key_or_group.replace("/", ".")
