"""Overrides without effect, because another one replaces their value."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.overrides.quoting import for_shell
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
            faults.append(Diagnostic("SER317", message, before.key_place, key, help=_fix(before, argument)))
        last[key] = argument
    return faults


def replaced_in_sweep(arguments: Sequence[Argument]) -> list[Diagnostic]:
    """As `overridden_values`, of a sweep, whose sweeper passes over all but the last of a key before it makes jobs."""
    last = {argument.parsed.key_with_sign: argument for argument in arguments}
    faults = []
    for argument in arguments:
        after = last[argument.parsed.key_with_sign]
        if argument.text != after.text and not argument.parsed.deletes:
            message = f"`{argument.text}` has no effect: `{after.text}` comes after it"
            key, fix = argument.parsed.key_or_group, _fix(argument, after)
            faults.append(Diagnostic("SER317", message, argument.key_place, key, help=fix))
    return faults


def _fix(before: Argument, after: Argument) -> str:
    key, _, first = before.text.partition("=")
    other, _, second = after.text.partition("=")
    if key != other or not first or not second or "{" in first + second:
        return "take one of them out"
    # a shell makes two arguments of `key={a,b}`
    return f"take one of them out, or run a job for each: `-m {for_shell(f'{key}={first},{second}')}`"


def _replaces(before: Argument, after: Argument) -> bool:
    if before.parsed.deletes or after.parsed.deletes:
        return False
    values = before.parsed.value, after.parsed.value
    return not any(isinstance(value, dict) for value in values) and values[0] != values[1]
