"""Hydra's override grammar."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    Glob,
    IntervalSweep,
    Override,
    OverrideType,
    QuotedString,
    RangeSweep,
    ValueType,
)
from hydra.errors import HydraException

from serotiny.compiler.hydra.errors import _SLIPS, Rejected, TooMany
from serotiny.compiler.limits import (
    MAX_GLOB_PATTERNS,
    MAX_OVERRIDE_DEPTH,
    MAX_OVERRIDE_LENGTH,
    MAX_SWEEP_VALUES,
)

_SIMPLE = re.compile(
    r"(?P<sign>\+\+|\+|)(?P<key>[A-Za-z_]\w*(?:(?:/[A-Za-z_]\w*)+|(?:\.[A-Za-z_]\w*)*))="
    r"(?:(?P<word>(?!(?:true|false|null|nan|inf)$)[A-Za-z_]\w*)"
    r"|(?P<int>-?(?:0|[1-9][0-9]*))"
    r"|(?P<float>-?(?:0|[1-9][0-9]*)\.[0-9]+(?:e-?[0-9]+)?))",
    re.ASCII | re.IGNORECASE,
)
"""A key with a plain word or number as its value, which is parsed here without Hydra's grammar."""

_TYPES = {"": OverrideType.CHANGE, "+": OverrideType.ADD, "++": OverrideType.FORCE_ADD}
_LONGEST_INT = 4000
"""Digits of an integer that is parsed here; Hydra's own parser refuses longer ones, as Python does."""


@lru_cache(maxsize=4096)
def parse_override(argument: str) -> Override:
    """Parse one argument in Hydra's override grammar.

    Results are cached, since the jobs of a sweep share most of their arguments: do not change an override.

    Raises:
        Rejected: it is no override; the text says why.
    """
    _refuse_excess(argument)
    simple = _SIMPLE.fullmatch(argument) if len(argument) < _LONGEST_INT else None
    if simple:  # most arguments are, and ANTLR takes a millisecond for each
        return Override(
            type=_TYPES[simple["sign"]],
            key_or_group=simple["key"],
            value_type=ValueType.ELEMENT,
            _value=_simple_value(simple),
            input_line=argument,
        )
    try:
        return OverridesParser.create().parse_override(argument)
    except HydraException as error:
        raise Rejected(str(error).splitlines()[0]) from error
    except RecursionError as error:
        raise Rejected("it is nested too deeply") from error
    except _SLIPS as error:
        raise Rejected(f"Hydra cannot read it: {error}".splitlines()[0]) from error


def _refuse_excess(argument: str) -> None:
    """Refuse arguments that are too long or nested too deeply, for which Hydra's grammar would take very long."""
    if len(argument) > MAX_OVERRIDE_LENGTH:
        raise Rejected(f"it is longer than {MAX_OVERRIDE_LENGTH:,} characters")
    key = argument.partition("=")[0]
    if key.count(".") + key.count("/") + key.count("[") > MAX_OVERRIDE_DEPTH:
        raise Rejected(f"its key has more than {MAX_OVERRIDE_DEPTH} steps")
    # for patterns of several tokens each, its time grows with the square of their number
    if "glob(" in argument and argument.count(",") > MAX_GLOB_PATTERNS:
        raise Rejected(f"it has more than {MAX_GLOB_PATTERNS:,} patterns")
    depth = 0
    for character in argument:
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_OVERRIDE_DEPTH:
            raise Rejected(f"it is nested deeper than {MAX_OVERRIDE_DEPTH} levels")


def _simple_value(simple: re.Match[str]) -> str | int | float:
    if simple["int"] is not None:
        return int(simple["int"])
    if simple["float"] is not None:
        return float(simple["float"])
    return simple["word"]


def is_quoted(override: Override) -> bool:
    """Whether the value of an override is a text in quotes, which is taken literally."""
    return isinstance(override._value, QuotedString)


def sweep_values(
    override: Override, options: Callable[[Sequence[str], Sequence[str]], Sequence[str]]
) -> list[str]:
    """The values of a sweep override in order, as Hydra would write them.

    Args:
        override: one for which `is_sweep_override()` is true.
        options: returns the options of its group that match the glob patterns (include, exclude).

    Returns:
        The values; empty for a continuous range, which only a sampling sweeper can use.

    Raises:
        Rejected: Hydra cannot list them, or there are more than `MAX_SWEEP_VALUES`.
    """
    value = override.value()
    if isinstance(value, Glob):
        return list(options(value.include, value.exclude))
    if not override.is_discrete_sweep():
        return []
    try:
        if isinstance(value, RangeSweep):
            _refuse_endless(value)
        values = list(islice(override.sweep_string_iterator(), MAX_SWEEP_VALUES + 1))
    except (HydraException, *_SLIPS) as error:
        raise Rejected(f"Hydra cannot list its values: {error}".splitlines()[0]) from error
    if len(values) > MAX_SWEEP_VALUES:
        raise TooMany(f"it has more than {MAX_SWEEP_VALUES:,} values")
    return values


def _refuse_endless(swept: RangeSweep) -> None:
    """Refuse a range with too many values before Hydra lists it, which it does for a shuffled range."""
    start, stop, step = swept.start or 0, swept.stop or 0, swept.step
    if step == 0:
        raise Rejected("a range needs a step other than 0")
    if math.isnan(start) or math.isnan(stop) or not math.isfinite(step):
        raise Rejected("a range goes from a number to a number in steps of a number")
    count = (stop - start) / step if math.isfinite(stop) and math.isfinite(start) else math.inf
    if count > MAX_SWEEP_VALUES:
        raise TooMany(f"it has more than {MAX_SWEEP_VALUES:,} values")


def interval_probes(override: Override) -> list[float]:
    """Sample values of an interval: its ends and one between them; whole numbers if both ends are."""
    value = override.value()
    assert isinstance(value, IntervalSweep)
    assert value.start is not None
    assert value.end is not None
    is_whole = isinstance(value.start, int) and isinstance(value.end, int)
    middle = (value.start + value.end) // 2 if is_whole else (value.start + value.end) / 2
    return [*dict.fromkeys((value.start, middle, value.end))]


def range_end(override: Override) -> float | None:
    """The end of a range if a step falls exactly on it; None otherwise, and for an override that is no range."""
    value = override.value()
    if not isinstance(value, RangeSweep) or value.shuffle or value.start is None or value.stop is None:
        return None
    return value.stop if (value.stop - value.start) % value.step == 0 and value.stop != value.start else None
