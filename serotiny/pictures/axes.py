"""Axes on which jobs are drawn, one a value that they differ in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        positions: where each job lies, 0 to 1; None for one that has no value here.
        ticks: positions and their labels, from 0 to 1.
    """

    name: str
    positions: tuple[float | None, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Axes:
    """What a picture of a sweep shows; `metric` is None where no job has a value of it."""

    swept: tuple[Axis, ...]
    metric: Axis | None

    @property
    def all(self) -> tuple[Axis, ...]:
        return self.swept if self.metric is None else (*self.swept, self.metric)
