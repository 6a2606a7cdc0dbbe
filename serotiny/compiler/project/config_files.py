"""The files of configs below a folder, of which there is a bound to how many are looked through."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from serotiny.compiler.limits import MAX_FOLDER_ENTRIES
from serotiny.compiler.project.project import ProjectError
from serotiny.filesystem import is_folder
from serotiny.reads import Answering

SUFFIX: Final = ".yaml"


def config_files_below(folder: Path) -> Iterator[Path]:
    """The configs in a folder and those below it, as far as the bound; links to folders are not followed."""
    return (path for path in islice(_entries(folder), MAX_FOLDER_ENTRIES) if path.suffix == SUFFIX)


def has_configs(folders: Sequence[Path]) -> bool:
    """Whether there is a config in one of the folders or below."""
    return any(True for folder in folders for _ in config_files_below(folder))


def check_sizes(folders: Sequence[Path]) -> None:
    """Raise an error for a config folder with more below it than is looked through, or that may not be read.

    Raises:
        ProjectError: there is one.
    """
    # how much lies there changes no answer, as long as it is not too much
    with Answering():
        for folder in folders:
            if is_folder(folder) and not os.access(folder, os.R_OK | os.X_OK):
                raise ProjectError(f"the config folder {folder} cannot be read: you lack the permission")
            if next(islice(_entries(folder), MAX_FOLDER_ENTRIES, None), None) is not None:
                raise ProjectError(
                    f"the config folder {folder} has more than {MAX_FOLDER_ENTRIES:,} files and folders in it; name "
                    "the folder of the configs alone, with --config-dir or as `config` in [tool.serotiny]"
                )


def _entries(folder: Path) -> Iterator[Path]:
    for within, names, files in os.walk(folder):
        yield from (Path(within, name) for name in (*files, *names))
