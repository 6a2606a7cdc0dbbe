"""Curves over a common axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.ticker import MaxNLocator

from serotiny.pictures.figure import as_png, new_figure

Curve = Sequence[tuple[float, float]]
"""Points (x, y), from left to right."""


def draw_curves(curves: Mapping[str, Curve], x_label: str, is_logarithmic: bool = False) -> bytes:
    """Each curve in a colour of its own, under its name.

    Args:
        curves: by name; one without points is named and not drawn.
        x_label: what the axis counts, in whole numbers.
        is_logarithmic: of the values; those that are not positive are left out.
    """
    figure = new_figure(7, 4)
    axes = figure.subplots()
    for name, points in curves.items():
        shown = [(x, y) for x, y in points if y > 0 or not is_logarithmic]
        axes.plot(
            [x for x, _ in shown],
            [y for _, y in shown],
            label=name,
            marker="." if len(shown) < 50 else "",
            linewidth=1.5,
        )
    if is_logarithmic:
        axes.set_yscale("log")
    axes.set_xlabel(x_label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    if curves:
        axes.legend(frameon=False)
    return as_png(figure)
