"""The record of what a cached answer was computed from, by which a later process finds whether it is still valid."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from serotiny.reads import State, file_state


def states_below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, State]]:
    """Every folder below a folder, and every file with one of these suffixes, each with its state.

    The state of a folder only says that it exists. Hidden folders, folders such as `__pycache__`, and what
    cannot be read are left out.
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
    """What an answer was computed from; the answer is valid as long as none of this changes."""

    files: dict[str, State] = field(default_factory=dict)
    top_levels: dict[str, str | None] = field(default_factory=dict)
    """Top-level import names and `NAME.dist-info` of distributions, each with the place where it was found; None if it was not.

    Also folders as `FOLDER/*`, with a digest of the names in them.
    """

    def add(self, other: Evidence) -> None:
        self.files.update(other.files)
        self.top_levels.update(other.top_levels)
