"""A lock file for a sqlite store, for the processes of one machine.

Claims are correct without it, but faster with it: writers of sqlite poll for its lock, so that 64 processes that
claim a name at once take ten seconds, and a tenth of that one after the other.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_PATIENCE_S = 20.0
_PAUSE_S = 0.02


def open_lock(database: Path) -> IO[bytes]:
    """The lock file beside a sqlite database, which is made where there is none.

    Raises:
        OSError: it cannot be made, or is a link: nothing is written, but what a link leads to would be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return os.fdopen(os.open(database.parent / f".{database.name}.lock", flags, 0o666), "rb")


@contextlib.contextmanager
def queued_at(database: Path) -> Iterator[None]:
    """Hold the lock; after a time limit go on without it, since its holder may be stopped, and it is only for speed."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # the folder cannot be written, or the filesystem has no locks
            stream = stack.enter_context(open_lock(database))
            deadline = time.monotonic() + _PATIENCE_S
            while time.monotonic() < deadline:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(_PAUSE_S)
                else:
                    break
        yield
