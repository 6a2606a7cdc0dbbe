"""The summary of a finished job or a rehearsal, for the user."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def render_summary(title: str, rows: Sequence[tuple[str, str]], metrics: Mapping[str, float]) -> str:
    """A title, aligned rows, and the final metrics."""
    lines = [title]
    shown = [*rows, *((name, f"{value:.6g}") for name, value in metrics.items())]
    width = max((len(label) for label, _ in shown), default=0)
    lines += [f"  {label.ljust(width)}  {text}" for label, text in shown]
    return "\n".join(lines)


def duration_text(seconds: float) -> str:
    """`0.035 s`, `4.2 s`, `3 min 20 s`, `2 h 05 min`, `3 days 4 h`."""
    if not math.isfinite(seconds):
        return "-"
    if seconds < 1:
        return f"{max(0.0, seconds):.2g} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} days {hours % 24} h"
