"""Inputs, and beside each what a model makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from serotiny.pictures.figure import as_png, new_figure

Array = np.ndarray[Any, Any]


def draw_pairs(inputs: Array, outputs: Array) -> bytes:
    """A column for each row: the input above, the output below.

    Args:
        inputs: of shape (N, D), drawn as curves; (N, C, H, W), where three channels are red, green and blue, and the
            first of any other number is shown; or (N, C, D, H, W), of which the middle slice is shown.
        outputs: of the same shape, drawn on the input's scale.
    """
    count = len(inputs)
    figure = new_figure(max(3.0, 1.2 * count), 2.8)
    grid = figure.subplots(2, count, squeeze=False)
    for column in range(count):
        for row, values in enumerate((inputs[column], outputs[column])):
            axes = grid[row, column]
            axes.set_xticks([])
            axes.set_yticks([])
            if column == 0:
                axes.set_ylabel(("input", "output")[row])
            _draw(axes, values, scale_of=inputs[column])
    return as_png(figure)


def _draw(axes: Any, values: Array, scale_of: Array) -> None:
    finite = scale_of[np.isfinite(scale_of)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    high = high if high > low else low + 1
    if values.ndim == 1:
        margin = 0.1 * (high - low)
        axes.plot(values, linewidth=1)
        axes.set_ylim(low - margin, high + margin)
        return
    picture = _plane(values)
    if picture.ndim == 3:
        axes.imshow(np.clip((picture - low) / (high - low), 0, 1))
    else:
        axes.imshow(picture, cmap="gray", vmin=low, vmax=high)


def _plane(values: Array) -> Array:
    """Of (C, H, W) or (C, D, H, W), what can be shown: (H, W), or (H, W, 3)."""
    if values.ndim == 2:
        return values
    if values.ndim == 4:
        values = values[:, values.shape[1] // 2]
    return np.moveaxis(values, 0, -1) if len(values) == 3 else values[0]
