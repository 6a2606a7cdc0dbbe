"""What an answer was read from, so that a later reader can tell whether it still holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

FileState: TypeAlias = tuple[int, int] | None
"""Size and modification time in nanoseconds; None for a file that is not there."""


def file_state(path: str) -> FileState:
    """What a file is known by. A folder has size -1: that it exists is all that counts."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    is_folder = found.st_mode & 0o170000 == 0o040000
    return (-1, 0) if is_folder else (found.st_size, found.st_mtime_ns)


def states_below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, FileState]]:
    """Every folder below a folder, and every file of these suffixes, with what each is known by.

    Hidden folders and those of Python itself (`__pycache__`) are passed over, as is what cannot be read.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith((".", "__")):
                    yield entry.path, (-1, 0)
                    yield from states_below(Path(entry.path), suffixes)
            elif entry.name.endswith(suffixes):
                found = entry.stat()
                yield entry.path, (found.st_size, found.st_mtime_ns)


def listing_time(folder: str) -> int | None:
    """When something was last put into a folder or taken out, in nanoseconds; None for no folder."""
    try:
        return os.stat(folder).st_mtime_ns if os.path.isdir(folder) else None  # noqa: PTH112, PTH116  # hot
    except OSError:
        return None


@dataclass(slots=True)
class Evidence:
    """What an answer was read from: it holds as long as all of this is as it was."""

    files: dict[str, FileState] = field(default_factory=dict)
    top_levels: dict[str, str | None] = field(default_factory=dict)
    """Top-level names and where they were found."""

    def add(self, other: Evidence) -> None:
        self.files.update(other.files)
        self.top_levels.update(other.top_levels)
