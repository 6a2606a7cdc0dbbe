"""Counts of a table, as colours and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from serotiny.pictures.figure import as_png, new_figure

_MOST_NUMBERS = 20
"""Classes up to which each field has its number written in it."""


def draw_confusion(counts: np.ndarray[Any, Any], names: Sequence[str]) -> bytes:
    """How often each class was taken for which, a row a class; the colour is the share of its row.

    Args:
        counts: of shape (C, C): what it is, what it is taken for.
        names: of the C classes.
    """
    side = 2 + 0.45 * min(len(names), 30)
    # beside the square there is its label, and the bar of colours, which takes a share of it
    figure = new_figure(1.15 * side + 1.1, side)
    axes = figure.subplots()
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    drawn = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(drawn, ax=axes, label="share of the row")
    ticks = list(range(len(names)))
    is_long = any(len(name) > 3 for name in names)
    axes.set_xticks(ticks, list(names), rotation=90 if is_long else 0)
    axes.set_yticks(ticks, list(names))
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    if len(names) <= _MOST_NUMBERS:
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(int(count)), ha="center", va="center", color=colour, fontsize=8)
    return as_png(figure)
