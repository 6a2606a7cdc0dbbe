"""Hydra's override grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, IntervalSweep, Override, OverrideType, ValueType
from hydra.errors import HydraException

from serotiny.compiler.hydra.errors import Rejected

_CHOICE = re.compile(
    r"([A-Za-z_]\w*(?:/[A-Za-z_]\w*)*)=(?!(?:true|false|null|nan|inf)$)([A-Za-z_]\w*)",
    re.ASCII | re.IGNORECASE,
)
"""`group=option` where both are words, which the grammar reads as they stand."""


def parse_override(argument: str) -> Override:
    """Parse one argument in Hydra's override grammar.

    Raises:
        Rejected: it is no override; the text says why.
    """
    choice = _CHOICE.fullmatch(argument)
    if choice:  # most of them, and ANTLR costs a millisecond each
        return Override(OverrideType.CHANGE, choice[1], ValueType.ELEMENT, choice[2], input_line=argument)
    try:
        return OverridesParser.create().parse_override(argument)
    except HydraException as error:
        raise Rejected(str(error).splitlines()[0]) from error


def sweep_values(
    override: Override, options: Callable[[Sequence[str], Sequence[str]], Sequence[str]]
) -> list[str]:
    """The values that a sweep override takes one after the other, as Hydra would write them.

    Args:
        override: one for which `is_sweep_override()` holds.
        options: the options of its group that match the glob patterns (include, exclude).

    Returns:
        The values; none for a continuous range, which only a sampling sweeper can use.
    """
    value = override.value()
    if isinstance(value, Glob):
        return list(options(value.include, value.exclude))
    if not override.is_discrete_sweep():
        return []
    return list(override.sweep_string_iterator())


def interval_ends(override: Override) -> tuple[float, float]:
    """The ends of a range to draw from."""
    value = override.value()
    assert isinstance(value, IntervalSweep)
    assert value.start is not None
    assert value.end is not None
    return value.start, value.end
