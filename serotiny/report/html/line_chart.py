"""Draw curves as SVG, in the page's colours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from serotiny.report.html.elements import escaped
from serotiny.report.html.page import COLOURS, legend

Point = tuple[float, float]

_WIDTH, _HEIGHT = 480, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 10, 10, 34
_MOST_POINTS = 400
"""The number of points of a curve that are drawn, which is more than there are pixels."""


def line_chart(title: str, curves: Mapping[str, Sequence[Point]], x_label: str = "step") -> str:
    """A heading, the curves and a legend.

    Args:
        title: the name of the values.
        curves: points by the curve's name, in the order of their x; a curve is interrupted where a value is not finite.
        x_label: the label of the x axis.
    """
    finite = [point for points in curves.values() for point in points if _is_finite(point)]
    if not finite:
        return f'<h3>{escaped(title)}</h3><p class="faint">no finite value</p>'
    scale = _Scale(finite)
    shapes = [*_axes(scale, x_label)]
    for number, points in enumerate(curves.values()):
        shapes += _curve(points, scale, number % COLOURS)
    graphic = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escaped(title)}">{"".join(shapes)}</svg>'
    named = [f"{name}: {_last(points)}" for name, points in curves.items()]
    return f"<h3>{escaped(title)}</h3>{graphic}{legend(named)}"


class _Scale:
    """Maps values to positions in the graphic."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.x_low, self.x_high = _range([x for x, _ in points], margin=0.0)
        self.y_low, self.y_high = _range([y for _, y in points], margin=0.05)

    def x(self, value: float) -> float:
        share = (value - self.x_low) / (self.x_high - self.x_low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _range(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    # halved first, since the difference of two large numbers may overflow
    wide = (high / 2 - low / 2) * 2 * margin
    if not high > low or not math.isfinite(high / 2 - low / 2) or not math.isfinite(high - low):
        wide = abs(low) * 0.1 or 1.0
        low, high = max(low, -1e300), min(high, 1e300)
    return low - wide, high + wide


def _axes(scale: _Scale, x_label: str) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for tick in ticks(scale.y_low, scale.y_high, 5):
        at = scale.y(tick)
        yield f'<path class="axis" d="M{_LEFT} {at:.1f}H{right}"/>'
        yield f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{tick:.6g}</text>'
    for tick in ticks(scale.x_low, scale.x_high, 6):
        yield f'<text x="{scale.x(tick):.1f}" y="{bottom + 15}" text-anchor="middle">{tick:.6g}</text>'
    yield f'<path class="axis" d="M{_LEFT} {bottom}H{right}"/>'
    yield f'<text x="{(_LEFT + right) / 2:.0f}" y="{_HEIGHT - 4}" text-anchor="middle">{escaped(x_label)}</text>'


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) between two values, at most `most` of them."""
    rough = (high - low) / most
    if not rough > 0 or not math.isfinite(rough):
        return []
    power = 10.0 ** math.floor(math.log10(rough))
    if power == 0:
        return []
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)][: most + 1]


def _curve(points: Sequence[Point], scale: _Scale, colour: int) -> Iterator[str]:
    for part in _unbroken(thinned(points)):
        if len(part) == 1:
            x, y = part[0]
            yield f'<circle class="f{colour}" cx="{scale.x(x):.1f}" cy="{scale.y(y):.1f}" r="2.5"/>'
        else:
            path = "L".join(f"{scale.x(x):.1f} {scale.y(y):.1f}" for x, y in part)
            yield f'<path class="curve c{colour}" d="M{path}"/>'


def _unbroken(points: Sequence[Point]) -> Iterator[list[Point]]:
    part: list[Point] = []
    for point in points:
        if _is_finite(point):
            part.append(point)
        elif part:
            yield part
            part = []
    if part:
        yield part


def thinned(points: Sequence[Point]) -> list[Point]:
    """At most `_MOST_POINTS` points: the lowest and the highest of each stretch, so that no peak is lost."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    kept: list[Point] = [points[0]]
    size = math.ceil(len(points) / (_MOST_POINTS // 2 - 1))
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        finite = [point for point in stretch if _is_finite(point)]
        ends = {min(finite, key=_value), max(finite, key=_value)} if finite else {stretch[0]}
        kept += sorted(ends)
    return [*kept, points[-1]]


def _value(point: Point) -> float:
    return point[1]


def _is_finite(point: Point) -> bool:
    return math.isfinite(point[0]) and math.isfinite(point[1])


def _last(points: Sequence[Point]) -> str:
    return f"{points[-1][1]:.5g}" if points else "–"
