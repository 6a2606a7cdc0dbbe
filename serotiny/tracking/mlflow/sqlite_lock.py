"""A queue at the door of a sqlite file, for processes of one machine.

The sole claim needs no lock. But sqlite lets its writers poll for each other, and 64 that claim a name at once
keep each other waiting for ten seconds; one at a time they need a tenth of that.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

_PATIENCE_S = 20.0
_PAUSE_S = 0.02


def lock_file(database: Path) -> Path:
    """The file beside a sqlite database that its openers and claimants queue at."""
    return database.parent / f".{database.name}.lock"


@contextlib.contextmanager
def queued_at(database: Path) -> Iterator[None]:
    """Wait for our turn, but not for ever: whoever holds it may be stopped, and it is only a courtesy."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # a folder that cannot be written, a filesystem without locks
            stream = stack.enter_context(lock_file(database).open("w"))
            deadline = time.monotonic() + _PATIENCE_S
            while time.monotonic() < deadline:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(_PAUSE_S)
                else:
                    break
        yield
