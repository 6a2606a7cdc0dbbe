"""The time of MLflow."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Milliseconds since the epoch, the unit of MLflow's times."""
    return time.time_ns() // 1_000_000
