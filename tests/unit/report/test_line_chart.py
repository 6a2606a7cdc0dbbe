"""Curves of pages: ticks, points that are left out, gaps."""

from __future__ import annotations

import math

import pytest

from serotiny.report.html.line_chart import line_chart, thinned, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 10.0, [0, 2, 4, 6, 8, 10]),
        (0.013, 0.017, [0.013, 0.014, 0.015, 0.016, 0.017]),
        (-1.0, 1.0, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: list[float]) -> None:
    """One, two or five times a power of ten."""
    assert pytest.approx(expected, abs=1e-12) == ticks(low, high, 5)


def test_thinning_loses_no_peak() -> None:
    """Of many points the highest, the lowest, the first and the last stay."""
    points = [(float(step), math.sin(step)) for step in range(10_000)]
    points[4321] = (4321.0, 50.0)
    points[1234] = (1234.0, -50.0)
    kept = thinned(points)
    assert len(kept) <= 402
    assert {points[0], points[-1], points[4321], points[1234]} <= set(kept)
    assert kept == sorted(kept)


def test_a_value_that_is_not_finite_interrupts_a_curve() -> None:
    """Three curves of one: two points, a lone one, two points."""
    nan = float("nan")
    chart = line_chart("loss", {"a": [(0, 1), (1, 2), (2, nan), (3, 1), (4, math.inf), (5, 1), (6, 2)]})
    assert (2, 1) == (chart.count('class="curve c0"'), chart.count("<circle"))


def test_nothing_to_draw_is_said() -> None:
    """Where every value is NaN there is no graphic."""
    assert "no finite value" in line_chart("loss", {"a": [(0, float("nan"))]})
    assert "<svg" in line_chart("flat", {"a": [(3, 5.0)]})
