"""Points in a plane, coloured by a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from serotiny.pictures.figure import as_png, new_figure

_MOST_COLOURS = 20
"""Values that are told apart by a colour each; more, where they are numbers, lie on a scale."""


def draw_scatter(
    points: np.ndarray[Any, Any],
    colours: Sequence[Any] | None,
    *,
    colour_name: str = "",
    axis_names: tuple[str, str] = ("", ""),
) -> bytes:
    """Points of shape (N, 2).

    Args:
        points: where each is.
        colours: a number or text for each; None for one colour. Of many texts, the most frequent ones have a colour.
        colour_name: what the values are.
        axis_names: of the two axes.
    """
    figure = new_figure(6.5, 5)
    axes = figure.subplots()
    if colours is None:
        axes.scatter(points[:, 0], points[:, 1], s=8, linewidths=0)
    else:
        _scatter_coloured(figure, axes, points, colours, colour_name)
    axes.set_xlabel(axis_names[0])
    axes.set_ylabel(axis_names[1])
    axes.grid(alpha=0.3)
    return as_png(figure)


def _scatter_coloured(
    figure: Any, axes: Any, points: np.ndarray[Any, Any], colours: Sequence[Any], name: str
) -> None:
    values = list(dict.fromkeys(colours))
    are_numbers = all(isinstance(value, int | float) for value in values)
    if are_numbers and (
        len(values) > _MOST_COLOURS or not all(float(value).is_integer() for value in values)
    ):
        drawn = axes.scatter(
            points[:, 0], points[:, 1], s=8, linewidths=0, c=np.asarray(colours, dtype=float)
        )
        figure.colorbar(drawn, ax=axes, label=name)
        return
    from matplotlib import colormaps

    named = values
    if len(values) > _MOST_COLOURS:
        named = [value for value, _ in Counter(colours).most_common(_MOST_COLOURS - 1)]
    palette = colormaps["tab10" if len(named) <= 10 else "tab20"]
    chosen = np.asarray([str(colour) for colour in colours])
    rest = np.ones(len(points), dtype=bool)
    for number, value in enumerate(sorted(named) if are_numbers else sorted(named, key=str)):
        is_here = chosen == str(value)
        rest &= ~is_here
        here = points[is_here]
        axes.scatter(here[:, 0], here[:, 1], s=8, linewidths=0, color=palette(number), label=_name_of(value))
    if rest.any():
        others = f"{len(values) - len(named)} others"
        axes.scatter(
            points[rest, 0], points[rest, 1], s=8, linewidths=0, color="lightgrey", label=others, zorder=0
        )
    axes.legend(title=name, frameon=False, markerscale=2, bbox_to_anchor=(1, 1), loc="upper left")


def _name_of(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
