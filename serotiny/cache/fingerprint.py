"""What an answer was read from, so that a later reader can tell whether it still holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from serotiny.reads import State, file_state


def states_below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, State]]:
    """Every folder below a folder, and every file of these suffixes, with what each is known by.

    Hidden folders and those of Python itself (`__pycache__`) are passed over, as is what cannot be read.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith((".", "__")):
                    yield entry.path, (-1, 0, 0, 0)
                    yield from states_below(Path(entry.path), suffixes)
            elif entry.name.endswith(suffixes):
                yield entry.path, file_state(entry.path)


@dataclass(slots=True)
class Evidence:
    """What an answer was read from: it holds as long as all of this is as it was."""

    files: dict[str, State] = field(default_factory=dict)
    top_levels: dict[str, str | None] = field(default_factory=dict)
    """Top-level names and where they were found."""

    def add(self, other: Evidence) -> None:
        self.files.update(other.files)
        self.top_levels.update(other.top_levels)
