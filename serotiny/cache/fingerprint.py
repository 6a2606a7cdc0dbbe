"""What an answer was read from, so that a later reader can tell whether it still holds."""

from __future__ import annotations

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


@dataclass(slots=True)
class Evidence:
    """What an answer was read from: it holds as long as all of this is as it was."""

    files: dict[str, FileState] = field(default_factory=dict)
    top_levels: dict[str, str | None] = field(default_factory=dict)
    """Top-level names and where they were found."""

    def add(self, other: Evidence) -> None:
        self.files.update(other.files)
        self.top_levels.update(other.top_levels)
