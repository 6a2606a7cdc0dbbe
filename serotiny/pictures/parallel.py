"""Jobs of a sweep: their values as lines over parallel axes, and each swept key against the monitored metric."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from serotiny.pictures.axes import Axes, Axis
from serotiny.pictures.figure import as_png, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Panel

_COLUMN_INCHES = 2.4
_PANEL_INCHES = 3.4
_WIDEST = 10
"""Panels in the row of scatter plots."""

_NO_VALUE = "#9a9a9a"
_COLOURS = "viridis"


def parallel_picture(axes: Axes) -> bytes:
    """The picture as PNG."""
    panels = axes.swept[:_WIDEST] if axes.metric is not None else ()
    columns = max(1, len(panels))
    width_in = max(len(axes.all) * _COLUMN_INCHES, columns * _PANEL_INCHES, 6.0)
    figure = new_figure(width_in, 8.0 if panels else 4.4)
    grid = figure.add_gridspec(2 if panels else 1, columns)
    _draw_parallel(figure.add_subplot(grid[0, :]), axes)
    for column, axis in enumerate(panels):
        assert axes.metric is not None
        _draw_scatter(figure.add_subplot(grid[1, column]), axis, axes.metric)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that the font lacks is drawn as a box
        return as_png(figure)


def _draw_parallel(panel: Panel, axes: Axes) -> None:
    for job, colour in enumerate(_colours(axes)):
        points = [(x, axis.positions[job]) for x, axis in enumerate(axes.all)]
        known = [(x, y) for x, y in points if y is not None]
        panel.plot(
            *zip(*known, strict=True), color=colour, alpha=0.8, linewidth=1.4, marker="o", markersize=3
        )
    for x, axis in enumerate(axes.all):
        panel.axvline(x, color="#555555", linewidth=0.8)
        for place, label in axis.ticks:
            panel.annotate(_plain(label), (x, place), xytext=(4, 2), textcoords="offset points", fontsize=8)
    panel.set_xticks(range(len(axes.all)), [_plain(axis.name) for axis in axes.all], fontsize=9)
    panel.set_yticks([])
    panel.set_xlim(-0.3, len(axes.all) - 0.3)
    panel.set_ylim(-0.06, 1.08)
    for spine in panel.spines.values():
        spine.set_visible(False)


def _draw_scatter(panel: Panel, axis: Axis, metric: Axis) -> None:
    points = [
        (x, y)
        for x, y in zip(axis.positions, metric.positions, strict=True)
        if x is not None and y is not None
    ]
    if points:
        panel.scatter([x for x, _ in points], [y for _, y in points], s=18, color="#35608d")
    panel.set_xticks(*_ticks(axis), fontsize=8)
    panel.set_yticks(*_ticks(metric), fontsize=8)
    panel.set_xlim(-0.1, 1.1)
    panel.set_ylim(-0.1, 1.1)
    panel.set_xlabel(_plain(axis.name), fontsize=9)
    panel.set_ylabel(_plain(metric.name), fontsize=9)


def _ticks(axis: Axis) -> tuple[list[float], list[str]]:
    return [place for place, _ in axis.ticks], [_plain(label) for _, label in axis.ticks]


def _colours(axes: Axes) -> list[Any]:
    from matplotlib import colormaps

    scale = colormaps[_COLOURS]
    count = len(axes.all[0].positions) if axes.all else 0
    places = axes.metric.positions if axes.metric is not None else (None,) * count
    return [_NO_VALUE if place is None else scale(0.92 * place) for place in places]


def _plain(text: str) -> str:
    """Text that is not taken for mathematics."""
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return short.replace("$", r"\$")
