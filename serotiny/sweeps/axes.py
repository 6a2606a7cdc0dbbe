"""The axes on which the jobs of a sweep are drawn: one a swept key, and one of the monitored metric."""

from __future__ import annotations

import math
from collections.abc import Sequence

from serotiny.pictures.axes import Axes, Axis
from serotiny.sweeps.outcome import SweepTable, shown_value

_LOG_FROM = 100.0
"""Positive values that are so many times apart are drawn by their logarithms."""

_MOST_TICKS = 6
_CLOSEST_TICKS = 0.05
"""The share of an axis between two labels, which would lie over each other below it."""


def axes_of(table: SweepTable) -> Axes:
    """The axes of a sweep's jobs."""
    rows = [outcome.swept for outcome in table.outcomes]
    swept = tuple(_axis(key, [row.get(key) for row in rows]) for key in table.swept)
    values = [outcome.value for outcome in table.outcomes]
    known = any(value is not None and math.isfinite(value) for value in values)
    name = table.metric or "metric"
    return Axes(swept, _numeric(name, values) if known else None)


def _axis(name: str, texts: Sequence[str | None]) -> Axis:
    numbers = [_number(text) for text in texts]
    if all(number is not None or text is None for number, text in zip(numbers, texts, strict=True)):
        return _numeric(name, numbers)
    options = list(dict.fromkeys(text for text in texts if text is not None))
    places = {text: _share(index, 0, len(options) - 1) for index, text in enumerate(options)}
    positions = tuple(None if text is None else places[text] for text in texts)
    return Axis(name, positions, _legible([(place, text) for text, place in places.items()]))


def _numeric(name: str, values: Sequence[float | None]) -> Axis:
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return Axis(name, tuple(None for _ in values), ())
    low, high = min(known), max(known)
    is_log = low > 0 and high / low >= _LOG_FROM

    def place(value: float) -> float:
        if is_log:
            return _share(math.log(value), math.log(low), math.log(high))
        return _share(value, low, high)

    positions = tuple(None if value is None or not math.isfinite(value) else place(value) for value in values)
    different = sorted(set(known))
    shown = different if len(different) <= _MOST_TICKS else [low, high]
    return Axis(name, positions, _legible([(place(value), shown_value(value)) for value in shown]))


def _legible(ticks: Sequence[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    """Ascending ticks without those whose labels would lie over others; the first and the last one are kept."""
    kept = list(ticks[:1])
    for tick in ticks[1:-1]:
        if min(tick[0] - kept[-1][0], ticks[-1][0] - tick[0]) >= _CLOSEST_TICKS:
            kept.append(tick)
    return (*kept, *ticks[1:][-1:])


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is None or math.isfinite(number) else None
