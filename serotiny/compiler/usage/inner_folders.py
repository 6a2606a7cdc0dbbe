"""Find folders inside a folder of configs from which jobs start on their own, with Hydra's `--config-path`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from serotiny.compiler.project import Project
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.diagnostics.counts import first_of
from serotiny.filesystem import is_file, is_folder, matching, read_plain_file

_OF_PRIMARY: Final = re.compile(rb"^(?:hydra:|[ \t]*-[ \t]+override[ \t]+/?hydra/)", re.MULTILINE)
"""Hydra's own settings and options, which only a primary config has at its top."""
_PLACED: Final = re.compile(rb"^#[ \t]*@package", re.MULTILINE)
_MOST_BYTES: Final = 100_000


def inner_folders(folder: Path) -> Iterator[Path]:
    """The outermost folders below one that hold primary configs of their own."""
    for inner in sorted(path for path in matching(folder, "*") if is_folder(path) and path.name != "hydra"):
        if any(map(_is_primary, sorted(matching(inner, "*.yaml")))):
            yield inner
        else:
            yield from inner_folders(inner)


def inner_folders_in_words(project: Project) -> str:
    """A sentence that names those of a project; empty where there is none."""
    named = (
        folder / Path(root).parent
        for root in project.inner_roots
        for folder in project.config_folders
        if is_file(folder / f"{root}{SUFFIX}")
    )
    found = sorted({*named, *(inner for folder in project.config_folders for inner in inner_folders(folder))})
    if not found:
        return ""
    names = first_of([project.shown(inner) for inner in found])
    return f"; jobs of their own start in {names}: check them with --config-dir"


def _is_primary(file: Path) -> bool:
    try:
        text = read_plain_file(file, _MOST_BYTES)
    except OSError:
        return False
    return _OF_PRIMARY.search(text) is not None and _PLACED.search(text) is None
