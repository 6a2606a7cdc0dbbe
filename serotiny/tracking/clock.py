"""The current time in MLflow's unit, and random pauses between attempts."""

from __future__ import annotations

import random
import time

# The system's generator, since draws from Python's global one would change the results of a job.
_SYSTEM = random.SystemRandom()


def now_ms() -> int:
    """Milliseconds since the epoch, the unit of MLflow's times."""
    return time.time_ns() // 1_000_000


def jittered(pause_s: float) -> float:
    """A random pause between half of `pause_s` and `pause_s`, so that rivals do not retry at the same time."""
    return _SYSTEM.uniform(0.5, 1.0) * pause_s
