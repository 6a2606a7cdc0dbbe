"""Read a file of the cache. For speed it imports no pathlib."""

from __future__ import annotations

import os
import stat


def read_own_file(path: str, at_most: int) -> bytes:
    """The content of a file that this user has written: into a folder that is shared, another may write, too.

    Args:
        path: the file.
        at_most: bytes to read; of a larger file it is only the beginning.

    Raises:
        OSError: it is not there, may not be read, is no plain file, or belongs to another user.
    """
    # without waiting for a pipe
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as stream:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or (hasattr(os, "getuid") and state.st_uid != os.getuid()):
            raise PermissionError(path)
        return stream.read(at_most)
