"""Checks that installed packages register in the entry-point group `serotiny.checks`.

`importlib.metadata` takes 12 ms to import and up to 50 to look through an environment, which is a
fifth of what a check may take. Here the folders of `sys.path` are looked through once, and again when
the time of modification of one of them says that something was installed or removed.

Only what was installed counts: a folder that merely holds a project may come from anywhere, and
checking it must execute nothing of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from serotiny.cache.fingerprint import Evidence
from serotiny.cache.store import AnswerCache
from serotiny.compiler.checks.run import CheckError, NamedCheck
from serotiny.reads import folder_state

GROUP: Final = "serotiny.checks"
_CACHE_KEY: Final = f"entry points of {GROUP}"


def installed_checks(cache: AnswerCache, own_folders: Iterable[Path] = ()) -> tuple[NamedCheck, ...]:
    """The registered checks, imported, in the order of their names.

    Args:
        cache: where the names are kept between calls.
        own_folders: where the project's modules lie; nothing is registered there.

    Raises:
        CheckError: one cannot be imported, or is nothing to call.
    """
    skipped = {"", str(Path.cwd()), *map(str, own_folders)}
    folders = [folder for folder in dict.fromkeys(sys.path) if folder not in skipped]
    return tuple(_load(name, value) for name, value in _registered(cache, folders))


def _registered(cache: AnswerCache, folders: Sequence[str]) -> list[tuple[str, str]]:
    states = {
        folder: [*state]
        for folder in folders
        if (state := folder_state(folder)) is not None and state[0] == -1
    }
    entry = cache.load(_CACHE_KEY)
    known = entry.answer if entry is not None else None
    if not (isinstance(known, dict) and known.get("states") == states and _is_listing(known.get("files"))):
        known = {"states": states, "files": [file for folder in states for file in _scan(folder)]}
        cache.store(_CACHE_KEY, Evidence(), known)
    # what is imported is read from where it is installed: the cache says no more than where to look
    files = [file for file in map(Path, known["files"]) if _is_installed(file, states)]
    return sorted({item for file in files for item in _entries(_text(file))})


def _is_listing(files: Any) -> bool:
    return isinstance(files, list) and all(isinstance(file, str) for file in files)


def _is_installed(file: Path, folders: Iterable[str]) -> bool:
    is_metadata = file.name == "entry_points.txt" and file.parent.suffix == ".dist-info"
    return is_metadata and ".." not in file.parts and str(file.parent.parent) in folders


def _scan(folder: str) -> Iterator[str]:
    """The files in a folder that register something with us."""
    try:
        entries = [entry.path for entry in os.scandir(folder) if entry.name.endswith(".dist-info")]
    except OSError:
        return
    for path in entries:
        file = Path(path, "entry_points.txt")
        if any(True for _ in _entries(_text(file))):
            yield str(file)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each line in our section of an `entry_points.txt`."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()


def _load(name: str, value: str) -> NamedCheck:
    module, _, attribute = value.partition(":")
    try:
        check: Any = import_module(module)
        for part in attribute.split("."):
            check = getattr(check, part)
    except (Exception, SystemExit) as error:
        raise CheckError(
            f"the check `{name}` cannot be loaded from `{value}`: {type(error).__name__}: {error}; "
            "fix it, or uninstall the package that registers it"
        ) from error
    if not callable(check):
        raise CheckError(f"the check `{name}` (`{value}`) is a {type(check).__name__}, not a function")
    return NamedCheck(name, check)
