"""Find metrics of a training that have become NaN or infinite."""

from __future__ import annotations

import math
from collections.abc import Mapping

from serotiny.diagnostics.counts import first_of


def not_finite(metrics: Mapping[str, float]) -> tuple[str, ...]:
    """A sentence about the last values that are NaN or infinite, and what may help; empty if all are finite."""
    odd = sorted(name for name, value in metrics.items() if not math.isfinite(value))
    if not odd:
        return ()
    names = first_of([f"`{name}`" for name in odd])
    return (
        f"{names} {'is' if len(odd) == 1 else 'are'} not finite: the weights are of no use; try a smaller "
        "learning rate, or `++trainer.gradient_clip_val=1` and `++trainer.detect_anomaly=true`",
    )
