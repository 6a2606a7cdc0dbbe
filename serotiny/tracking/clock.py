"""The time of MLflow, and pauses between attempts."""

from __future__ import annotations

import random
import time

# Draws from the system: a job's results depend on Python's own generator, whose draws are the job's alone.
_SYSTEM = random.SystemRandom()


def now_ms() -> int:
    """Milliseconds since the epoch, the unit of MLflow's times."""
    return time.time_ns() // 1_000_000


def jittered(pause_s: float) -> float:
    """A pause that differs from that of a rival."""
    return _SYSTEM.uniform(0.5, 1.0) * pause_s
