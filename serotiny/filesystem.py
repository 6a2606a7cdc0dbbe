"""Ask about paths that users write.

A name too long for any disk, or a folder that may not be looked into, makes `Path.is_file` and
`Path.is_dir` raise; here such a path is simply not there.
"""

from __future__ import annotations

import os
from pathlib import Path


def is_file(path: Path) -> bool:
    """Whether a file is there."""
    return os.path.isfile(path)  # noqa: PTH113 - see above


def is_folder(path: Path) -> bool:
    """Whether a folder is there."""
    return os.path.isdir(path)  # noqa: PTH112 - see above
