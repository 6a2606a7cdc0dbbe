"""The metric points that a run has already."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from serotiny.tracking.outbox.entry import Entry
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.sink import Point, RunSink

# MLflow stores infinities as the largest finite numbers, so they are compared as those.
_LARGEST = 1.7976931348623157e308

_Value = tuple[int, float]
"""Step and value of a metric's point. A resumed training repeats these, but not the time of the point."""


class KnownPoints:
    """The metric points that a run has, so that a resumed run does not log them again.

    All journals of a run share one object, so that each knows what the others have sent. The store is asked once for
    the last step of each metric; only if neither that nor the journals are enough, it is asked for the points of a
    metric, from the first repeated step on.
    """

    def __init__(self, sink: RunSink, journals: Sequence[Journal] = (), *, are_all: bool = False) -> None:
        """`journals` are those of the run's earlier starts on this machine; `are_all` if no other machine has any."""
        self._sink = sink
        self._journals = journals
        self._are_all = are_all
        self._added: dict[str, set[_Value]] = defaultdict(set)
        self._histories: dict[str, _History] = {}

    def new(self, points: Sequence[Point]) -> list[Point]:
        """Those points that the run does not have yet, by key, step and value."""
        return [point for point in points if not self._has(point)]

    def add(self, points: Sequence[Point]) -> None:
        """Note that the store has these points now."""
        for point in points:
            self._added[point.key].add(_value_of(point))

    def _has(self, point: Point) -> bool:
        value = _value_of(point)
        if value in self._added[point.key]:
            return True
        if point.step > self._last_steps.get(point.key, -math.inf):
            return False
        if value in self._delivered[point.key]:
            return True
        # a batch in flight when a process died is sent again unchanged; MLflow ignores points that it has
        return not self._are_all and value in self._in_store(point.key, point.step)

    @cached_property
    def _last_steps(self) -> Mapping[str, int]:
        return self._sink.last_steps()

    @cached_property
    def _delivered(self) -> dict[str, set[_Value]]:
        found: dict[str, set[_Value]] = defaultdict(set)
        for journal in self._journals:
            sent = journal.progress().offset
            for entry in journal.entries(0):
                if entry.end > sent:
                    break
                if entry.kind == "metrics":
                    for point in points_of(entry):
                        found[point.key].add(_value_of(point))
        return found

    def _in_store(self, key: str, step: int) -> set[_Value]:
        """What the store has of a metric, at least from `step` on."""
        history = self._histories.get(key)
        if history is None or (history.since is not None and step < history.since):
            # a metric whose steps go back is read whole, so that it is not read again for each of them
            since = step if history is None else None
            history = _History(since, set(map(_value_of, self._sink.history(key, since))))
            self._histories[key] = history
        return history.values


class _History(NamedTuple):
    """The values of a metric in the store, from step `since` on; all of them if that is None."""

    since: int | None
    values: set[_Value]


def points_of(entry: Entry) -> list[Point]:
    """The points of an entry with metrics."""
    step, time_ms = entry.data["step"], entry.data["time_ms"]
    return [Point(key, value, time_ms, step) for key, value in entry.data["values"].items()]


def _value_of(point: Point) -> _Value:
    return (point.step, _stored(point.value))


def _stored(value: float) -> float:
    """The value as MLflow stores it. NaN is represented as infinity, which MLflow never stores, so that it compares."""
    if math.isnan(value):
        return math.inf
    return math.copysign(_LARGEST, value) if math.isinf(value) else value
