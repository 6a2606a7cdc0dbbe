"""A sweep as one HTML file that needs nothing else: the table, parallel axes and scatter plots as SVG."""

from __future__ import annotations

from serotiny.pictures.axes import Axes, Axis
from serotiny.report.html.elements import element, escaped
from serotiny.sweeps.outcome import JobOutcome, SweepTable, shown_duration, shown_value

_HEIGHT, _TOP, _COLUMN = 260, 30, 170
_PANEL = 240
_SCALE = ((68, 1, 84), (49, 104, 142), (53, 183, 121), (253, 231, 37))  # viridis, at its thirds

_STYLE = """
body{font:14px system-ui,sans-serif;margin:2em;color:#222}
table{border-collapse:collapse;margin:1em 0}
td,th{text-align:left;padding:.2em .9em;border-bottom:1px solid #ddd;white-space:nowrap}
.failed,.refused,.interrupted{color:#b3261e}
.job{fill:none;stroke-width:1.6;opacity:.8}
.job:hover{stroke-width:5;opacity:1}
circle:hover{r:6}
svg text{font-size:11px}
"""


def render_page(table: SweepTable, axes: Axes, title: str) -> str:
    """The whole document."""
    parts = [f"<h1>{escaped(title)}</h1>", _parallel(table, axes)]
    if axes.metric is not None:
        metric = axes.metric
        parts += [_scatter(table, axis, metric) for axis in axes.swept]
    parts.append(_table(table))
    head = f'<meta charset="utf-8"><title>{escaped(title)}</title><style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(parts)}</body></html>\n"


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
        lines.append(f'<polyline class="job" points="{" ".join(points)}" stroke="{colour}">{told}</polyline>')
    for column, axis in enumerate(axes.all):
        x = _x(column)
        lines.append(f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_TOP + _HEIGHT}" stroke="#555"/>')
        lines.append(f'<text x="{x}" y="{_TOP - 12}" font-weight="bold">{escaped(axis.name)}</text>')
        lines += [
            f'<text x="{x + 5}" y="{_y(place) - 3:.1f}">{escaped(label)}</text>'
            for place, label in axis.ticks
        ]
    return _svg(wide, _HEIGHT + 2 * _TOP, lines)


def _scatter(table: SweepTable, axis: Axis, metric: Axis) -> str:
    def left(place: float) -> float:
        return 60 + place * (_PANEL - 90)

    def top(place: float) -> float:
        return 20 + (1 - place) * (_PANEL - 80)

    parts = [f'<rect x="45" y="10" width="{_PANEL - 60}" height="{_PANEL - 60}" fill="none" stroke="#bbb"/>']
    for outcome, x, y in zip(table.outcomes, axis.positions, metric.positions, strict=True):
        if x is not None and y is not None:
            told = element("title", escaped(_told(outcome)))
            parts.append(f'<circle cx="{left(x):.1f}" cy="{top(y):.1f}" r="4" fill="#35608d">{told}</circle>')
    parts += [
        f'<text x="{left(place):.1f}" y="{_PANEL - 34}" text-anchor="middle">{escaped(label)}</text>'
        for place, label in axis.ticks
    ]
    parts += [
        f'<text x="40" y="{top(place):.1f}" text-anchor="end">{escaped(label)}</text>'
        for place, label in metric.ticks
    ]
    parts.append(f'<text x="60" y="{_PANEL - 14}" font-weight="bold">{escaped(axis.name)}</text>')
    return _svg(_PANEL, _PANEL, parts)


def _table(table: SweepTable) -> str:
    names = ["run", "status", table.metric or "metric", "duration", *table.swept]
    rows = [element("tr", "".join(element("th", escaped(name)) for name in names))]
    for outcome in table.outcomes:
        values = outcome.swept
        cells = [
            outcome.run_name or f"job {outcome.number}",
            outcome.status.value,
            shown_value(outcome.value),
            shown_duration(outcome.duration_s),
            *(values.get(key, "-") for key in table.swept),
        ]
        content = "".join(element("td", escaped(cell)) for cell in cells)
        rows.append(f'<tr class="{escaped(outcome.status.value)}">{content}</tr>')
    return element("table", "".join(rows))


def _told(outcome: JobOutcome) -> str:
    value = f"{outcome.metric} {shown_value(outcome.value)}" if outcome.metric else outcome.status.value
    return f"{outcome.run_name or f'job {outcome.number}'}: {' '.join(outcome.key)} ({value})"


def _svg(wide: int, high: int, parts: list[str]) -> str:
    return f'<svg width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">{"".join(parts)}</svg>'


def _x(column: int) -> int:
    return 20 + column * _COLUMN


def _y(place: float) -> float:
    return _TOP + (1 - place) * _HEIGHT


def _colour(place: float | None) -> str:
    """Viridis, by its thirds."""
    if place is None:
        return "#9a9a9a"
    step = min(int(place * 3), 2)
    share = place * 3 - step
    low, high = _SCALE[step], _SCALE[step + 1]
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(low, high, strict=True))
