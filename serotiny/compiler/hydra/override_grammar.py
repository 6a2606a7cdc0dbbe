"""Overrides of any form, parsed by Hydra's own grammar, and handed to Hydra.

Importing this module imports Hydra, which takes longer than most checks: import it where it is needed.
"""

from __future__ import annotations

from typing import Any

from hydra.core.override_parser import types as hydras
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from serotiny.compiler.hydra.errors import _SLIPS, Rejected
from serotiny.compiler.syntax.override import Choices, Glob, Interval, Override, Range, Sweep

_SIGNS: dict[hydras.OverrideType, str] = {
    hydras.OverrideType.CHANGE: "",
    hydras.OverrideType.ADD: "+",
    hydras.OverrideType.FORCE_ADD: "++",
    hydras.OverrideType.DEL: "~",
}
_TYPES = {sign: kind for kind, sign in _SIGNS.items()}


def parse(argument: str) -> Override:
    """Parse one argument.

    Raises:
        Rejected: it is no override; the text says why.
    """
    try:
        parsed = OverridesParser.create().parse_override(argument)
    except HydraException as error:
        raise Rejected(str(error).splitlines()[0]) from error
    except RecursionError as error:
        raise Rejected("it is nested too deeply") from error
    except _SLIPS as error:
        raise Rejected(f"Hydra cannot read it: {error}".splitlines()[0]) from error
    sweep = _sweep(parsed._value)
    return Override(
        text=argument,
        sign=_SIGNS[parsed.type],
        key_or_group=parsed.key_or_group,
        package=parsed.package,
        value=parsed.value() if sweep is None else None,
        spelling=_spelling(parsed._value) if sweep is None else None,
        is_quoted=isinstance(parsed._value, hydras.QuotedString),
        sweep=sweep,
    )


def as_hydras(override: Override) -> hydras.Override:
    """An override with one value, as Hydra's own functions take it."""
    return hydras.Override(
        type=_TYPES[override.sign],
        key_or_group=override.key_or_group,
        value_type=hydras.ValueType.ELEMENT,
        _value=override.value,
        package=override.package,
        input_line=override.text,
    )


def _sweep(value: Any) -> Sweep | None:
    match value:
        case hydras.ChoiceSweep():
            return Choices(tuple(_spelling(item) for item in value.list), shuffled=value.shuffle)
        case hydras.RangeSweep(start=float() | int() as start, stop=float() | int() as stop):
            return Range(start=start, stop=stop, step=value.step, shuffled=value.shuffle)
        case hydras.IntervalSweep(start=float() | int() as start, end=float() | int() as end):
            return Interval(start=start, end=end, is_log="log" in value.tags)
        case hydras.Glob():
            patterns = [*value.include, *value.exclude]
            if not all(isinstance(pattern, str) for pattern in patterns):
                # nested quotes are no text to Hydra, which would fail on them
                raise Rejected("the patterns of a list in `glob` are written without quotes")
            return Glob(include=tuple(value.include), exclude=tuple(value.exclude))
        case _:
            return None


def _spelling(value: Any) -> str | None:
    """The value as Hydra writes it; None for one that has no spelling, since a sweep is a part of it."""
    try:
        return hydras.Override._get_value_element_as_str(value)
    except _SLIPS:
        return None
