"""Overrides without effect, because another one replaces their value."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.compiler.overrides.argument import Argument
from serotiny.diagnostics import Diagnostic


def overridden_values(arguments: Sequence[Argument]) -> list[Diagnostic]:
    """SER317, a warning, for each override of a value that a later one of the same key replaces."""
    last: dict[str, Argument] = {}
    faults: list[Diagnostic] = []
    for argument in arguments:
        key = argument.parsed.key_or_group
        before = last.get(key)
        if before is not None and _replaces(before, argument):
            message = f"`{before.text}` has no effect: `{argument.text}` comes after it"
            faults.append(Diagnostic("SER317", message, before.key_place, key, help="take one of them out"))
        last[key] = argument
    return faults


def _replaces(before: Argument, after: Argument) -> bool:
    if before.parsed.deletes or after.parsed.deletes:
        return False
    values = before.parsed.value, after.parsed.value
    return not any(isinstance(value, dict) for value in values) and values[0] != values[1]
