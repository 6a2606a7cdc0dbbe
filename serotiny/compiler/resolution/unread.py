"""Overrides that OmegaConf cannot hold, whatever becomes of the values that they set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.resolution.grammar import is_interpolated, refuse_unreadable
from serotiny.compiler.resolution.lookups import BadInterpolation
from serotiny.compiler.syntax.bad_interpolation import explain_bad
from serotiny.compiler.tree import every
from serotiny.diagnostics import Diagnostic


def unreadable_overrides(arguments: Sequence[Argument], told: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """SER206 for each override with a text that is no interpolation, unless it is among `told`.

    Something else may be laid over what it sets, but Hydra holds every override as a text of its own as well.
    """
    known = {fault.place.override for fault in told if fault.code == "SER206"}
    for argument in arguments:
        if is_interpolated(argument.text) and argument.text not in known and not argument.is_hydra:
            fault = _fault(argument)
            if fault is not None:
                yield fault


def _fault(argument: Argument) -> Diagnostic | None:
    place, key = argument.value_place, argument.parsed.key_or_group
    for node in every(argument.node()):
        reason = _reason(node.value)
        if reason is not None:
            message, fix = explain_bad(node.value, reason)
            return Diagnostic("SER206", message, place, key, help=fix)
    if _reason(argument.text) is None:
        return None
    message = "an interpolation has quotes with backslashes in it, which OmegaConf does not read"
    fix = "take the other kind of quotes around the value, and leave the backslashes out"
    return Diagnostic("SER206", message, place, key, help=fix)


def _reason(value: object) -> str | None:
    if isinstance(value, str) and is_interpolated(value):
        try:
            refuse_unreadable(value)
        except BadInterpolation as error:
            return str(error)
    return None
