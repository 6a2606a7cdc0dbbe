"""The content of a file while it is uploaded."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def snapshot(file: Path, folder: Path, name: str) -> Iterator[Path]:
    """The file's current content under this name, since a checkpoint may be replaced while it is uploaded.

    It is a link in `folder`; without hard links, or where that folder cannot be written, a copy elsewhere.
    """
    with ExitStack() as stack:
        copy = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            os.link(file, copy)
            stack.callback(copy.unlink, missing_ok=True)
        except OSError:
            copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serotiny-"))) / name
            shutil.copy2(file, copy)
        yield copy
