"""The results of a sweep as one self-contained HTML file: the table, parallel axes and scatter plots as SVG."""

from __future__ import annotations

from serotiny.pictures.axes import Axes, Axis
from serotiny.report.html.elements import element, escaped
from serotiny.report.html.page import page, section, tiles
from serotiny.report.html.page import table as page_table
from serotiny.sweeps.outcome import JobOutcome, SweepTable, shown_value
from serotiny.sweeps.table import cells, headings

_HEIGHT, _TOP, _COLUMN = 260, 40, 170
_PANEL, _LEFT = 260, 75


def render_page(table: SweepTable, axes: Axes, title: str) -> str:
    """The whole document."""
    parts = [f"<h1>{escaped(title)}</h1>\n", section("jobs", _table(table))]
    parts.append(section("parallel axes", f'<div class="wide">{_parallel(table, axes)}</div>'))
    if axes.metric is not None:
        metric = axes.metric
        parts.append(section(metric.name, tiles(_scatter(table, axis, metric) for axis in axes.swept)))
    return page(title, "".join(parts))


def _parallel(table: SweepTable, axes: Axes) -> str:
    lines, wide = [], _COLUMN * max(1, len(axes.all))
    for number, outcome in enumerate(table.outcomes):
        points = [
            f"{_x(column):.1f},{_y(place):.1f}"
            for column, axis in enumerate(axes.all)
            if (place := axis.positions[number]) is not None
        ]
        told = element("title", escaped(_told(outcome)))
        colour = _colour(axes.metric.positions[number] if axes.metric is not None else None)
        lines.append(
            f'<polyline class="job" points="{" ".join(points)}" style="stroke:{colour}">{told}</polyline>'
        )
    for column, axis in enumerate(axes.all):
        x = _x(column)
        lines.append(f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_TOP + _HEIGHT}" class="axis"/>')
        lines.append(f'<text x="{x}" y="{_TOP - 20}" class="name">{escaped(axis.name)}</text>')
        lines += [
            f'<text x="{x + 5}" y="{_y(place) - 3:.1f}">{escaped(label)}</text>'
            for place, label in axis.ticks
        ]
    high = _HEIGHT + 2 * _TOP
    # as wide as its axes need, with scrolling on a phone, where a smaller picture could not be read
    return f'<svg class="over" viewBox="0 0 {wide} {high}" style="width:{wide}px">{"".join(lines)}</svg>'


def _scatter(table: SweepTable, axis: Axis, metric: Axis) -> str:
    def left(place: float) -> float:
        return _LEFT + 15 + place * (_PANEL - _LEFT - 40)

    def top(place: float) -> float:
        return 20 + (1 - place) * (_PANEL - 80)

    parts = [f'<rect x="{_LEFT}" y="10" width="{_PANEL - _LEFT - 10}" height="{_PANEL - 60}" class="axis"/>']
    for outcome, x, y in zip(table.outcomes, axis.positions, metric.positions, strict=True):
        if x is not None and y is not None:
            told = element("title", escaped(_told(outcome)))
            parts.append(f'<circle cx="{left(x):.1f}" cy="{top(y):.1f}" r="4" class="f0">{told}</circle>')
    parts += [
        f'<text x="{left(place):.1f}" y="{_PANEL - 34}" text-anchor="middle">{escaped(label)}</text>'
        for place, label in axis.ticks
    ]
    parts += [
        f'<text x="{_LEFT - 5}" y="{top(place) + 4:.1f}" text-anchor="end">{escaped(label)}</text>'
        for place, label in metric.ticks
    ]
    parts.append(f'<text x="{_LEFT}" y="{_PANEL - 14}" class="name">{escaped(axis.name)}</text>')
    heading = element("h3", f"{escaped(metric.name)} by {escaped(axis.name)}")
    return f'{heading}<svg viewBox="0 0 {_PANEL} {_PANEL}">{"".join(parts)}</svg>'


def _table(table: SweepTable) -> str:
    rows = []
    for outcome in table.outcomes:
        run, status, *rest = map(escaped, cells(outcome, table))
        is_bad = outcome.exit_status != 0
        rows.append([run, f'<span class="bad">{status}</span>' if is_bad else status, *rest])
    return f'<div class="short">{page_table(rows, headings(table))}</div>'


def _told(outcome: JobOutcome) -> str:
    value = f"{outcome.metric} {shown_value(outcome.value)}" if outcome.metric else outcome.status.value
    return f"{outcome.run_name or f'job {outcome.number}'}: {' '.join(outcome.key)} ({value})"


def _x(column: int) -> int:
    return 20 + column * _COLUMN


def _y(place: float) -> float:
    return _TOP + (1 - place) * _HEIGHT


def _colour(place: float | None) -> str:
    """The colour of a value at a place from 0 (lowest) to 1 (highest)."""
    if place is None:
        return "var(--faint)"
    return f"color-mix(in oklab,var(--high) {100 * place:.0f}%,var(--low))"
