"""A figure of its own, and the PNG of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 120


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty figure that no list of pyplot's keeps alive."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in), dpi=_DPI, layout="constrained", facecolor="white")


def as_png(figure: Figure) -> bytes:
    """The picture; the same figure gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    stream = io.BytesIO()
    canvas: Any = FigureCanvasAgg(figure)  # its methods are not typed
    canvas.print_png(stream, metadata={"Software": None})
    return stream.getvalue()
