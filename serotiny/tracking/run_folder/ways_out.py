"""Refuse a run's folder that leads elsewhere."""

from __future__ import annotations

import itertools
import os
import stat
from fnmatch import fnmatchcase
from pathlib import Path

from serotiny.filesystem import leads_out
from serotiny.tracking.run_folder.errors import RunFolderError

# What jobs write into, or read and upload; anything else in the folder is the user's.
_WRITTEN = (
    ".hydra",
    "checkpoints",
    "config",
    "logs",
    "params",
    "pictures",
    "predictions",
    "source",
    "sweep",
    "tracking*",
    "*.json",
    "*.jsonl",
    "*.log",
    "*.html",
    "traceback*.txt",
)
_REMOVE = "remove it, or choose another folder with `hydra.run.dir=…`"


def refuse_ways_out(folder: Path) -> None:
    """Refuse a folder in which a job would write to, or upload from, somewhere else.

    The folder may be somebody else's, with links, pipes or devices in the places of a job's files.

    Raises:
        RunFolderError: it has one.
    """
    # listed, since a pattern without a wildcard finds no link that leads nowhere
    for top in folder.iterdir():
        if not any(fnmatchcase(top.name, pattern) for pattern in _WRITTEN):
            continue
        below = (Path(parent) / name for parent, *names in os.walk(top) for name in itertools.chain(*names))
        for entry in (top, *below):
            if entry.is_symlink() and leads_out(entry, folder):
                raise RunFolderError(f"{entry} is a link that leads out of the run's folder; {_REMOVE}")
            if entry.exists() and stat.S_IFMT(entry.stat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
                raise RunFolderError(f"{entry} is neither a file nor a folder; {_REMOVE}")
