"""The values of a swept argument, in order and as Hydra's sweeper writes them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fnmatch import fnmatch
from itertools import islice

from serotiny.compiler.hydra.errors import Rejected, TooMany
from serotiny.compiler.limits import MAX_SWEEP_VALUES
from serotiny.compiler.syntax.override import Choices, Glob, Interval, Range, Sweep


def sweep_values(sweep: Sweep, options: Sequence[str]) -> list[str]:
    """The values of a sweep.

    Args:
        sweep: what is swept over.
        options: the options of the group that is swept over, of which a glob takes some.

    Returns:
        The values; empty for a continuous range, which only a sampling sweeper can use.

    Raises:
        Rejected: they cannot be listed, or there are more than `MAX_SWEEP_VALUES`.
    """
    match sweep:
        case Glob():
            return [name for name in options if _matches(name, sweep)]
        case Choices():
            values = [spelling for spelling in sweep.spellings if spelling is not None]
            if len(values) < len(sweep.spellings):
                raise Rejected("one of its values is itself a sweep")
        case Range():
            _refuse_endless(sweep)
            values = list(islice(_steps(sweep), MAX_SWEEP_VALUES + 1))
        case Interval():
            return []
    if len(values) > MAX_SWEEP_VALUES:
        raise TooMany(f"it has more than {MAX_SWEEP_VALUES:,} values")
    if sweep.shuffled:
        random.shuffle(values)
    return values


def _matches(name: str, sweep: Glob) -> bool:
    included = any(fnmatch(name, pattern) for pattern in sweep.include)
    return included and not any(fnmatch(name, pattern) for pattern in sweep.exclude)


def _refuse_endless(swept: Range) -> None:
    """Refuse a range with too many values before they are listed."""
    start, stop, step = swept.start, swept.stop, swept.step
    if step == 0:
        raise Rejected("a range needs a step other than 0")
    if math.isnan(start) or math.isnan(stop) or not math.isfinite(step):
        raise Rejected("a range goes from a number to a number in steps of a number")
    count = (stop - start) / step if math.isfinite(stop) and math.isfinite(start) else math.inf
    if count > MAX_SWEEP_VALUES:
        raise TooMany(f"it has more than {MAX_SWEEP_VALUES:,} values")


def _steps(swept: Range) -> Iterator[str]:
    if isinstance(swept.start, int) and isinstance(swept.stop, int) and isinstance(swept.step, int):
        yield from map(str, range(swept.start, swept.stop, swept.step))
        return
    # in decimals, as Hydra does, so that the steps of 0.1 do not add up to 0.30000000000000004
    value, stop, step = Decimal(swept.start), Decimal(swept.stop), Decimal(swept.step)
    while value < stop if step > 0 else value > stop:
        yield str(float(value))
        value += step


def interval_probes(interval: Interval) -> list[float]:
    """Sample values of an interval: its ends and one between them; whole numbers if both ends are."""
    start, end = interval.start, interval.end
    is_whole = isinstance(start, int) and isinstance(end, int)
    middle = (start + end) // 2 if is_whole else (start + end) / 2
    return [*dict.fromkeys((start, middle, end))]


def range_end(sweep: Sweep | None) -> float | None:
    """The end of a range if a step falls exactly on it; None otherwise, and for a sweep that is no range."""
    if not isinstance(sweep, Range) or sweep.shuffled:
        return None
    return sweep.stop if (sweep.stop - sweep.start) % sweep.step == 0 and sweep.stop != sweep.start else None
