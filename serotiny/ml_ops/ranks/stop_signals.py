"""The signals that end a job, and a way to start a process that none of them ends before it can handle them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SCHEDULER_SIGNALS = tuple(getattr(signal, name) for name in ("SIGUSR1", "SIGUSR2") if hasattr(signal, name))
"""What Slurm sends before its time limit (`--signal`), which submitit uses too."""
MORE_STOP_SIGNALS = (
    *(getattr(signal, name) for name in ("SIGHUP",) if hasattr(signal, name)),
    *SCHEDULER_SIGNALS,
)
"""Those, and the signal of a closing terminal."""


@contextmanager
def held_back() -> Iterator[None]:
    """A context in which this thread gets none of them; a process that it starts gets none until a `StopRequest` there.

    A rank imports for seconds before that, and Ctrl-C in the terminal reaches it at once.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*STOP_SIGNALS, *MORE_STOP_SIGNALS))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
