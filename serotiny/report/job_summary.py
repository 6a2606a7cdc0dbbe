"""What a job that ended tells the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def render_summary(title: str, rows: Sequence[tuple[str, str]], metrics: Mapping[str, float]) -> str:
    """A title, aligned rows, and the final metrics."""
    lines = [title]
    shown = [*rows, *((name, f"{value:.6g}") for name, value in metrics.items())]
    width = max((len(label) for label, _ in shown), default=0)
    lines += [f"  {label.ljust(width)}  {text}" for label, text in shown]
    return "\n".join(lines)
