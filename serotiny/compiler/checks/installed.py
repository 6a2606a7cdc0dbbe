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
    if not (isinstance(known, dict) and known.get("states") == states and _is_listing(known.get("found"))):
        found = sorted({item for folder in states for item in _scan(folder)})
        known = {"states": states, "found": found}
        cache.store(_CACHE_KEY, Evidence(), known)
    return [(name, value) for name, value in known["found"]]


def _is_listing(found: Any) -> bool:
    return isinstance(found, list) and all(
        isinstance(item, list) and len(item) == 2 and all(isinstance(text, str) for text in item)
        for item in found
    )


def _scan(folder: str) -> Iterator[tuple[str, str]]:
    try:
        entries = [entry.path for entry in os.scandir(folder) if entry.name.endswith(".dist-info")]
    except OSError:
        return
    for path in entries:
        try:
            text = Path(path, "entry_points.txt").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        yield from _entries(text)


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
    except Exception as error:
        raise CheckError(
            f"the check `{name}` cannot be loaded from `{value}`: {type(error).__name__}: {error}; "
            "fix it, or uninstall the package that registers it"
        ) from error
    if not callable(check):
        raise CheckError(f"the check `{name}` (`{value}`) is a {type(check).__name__}, not a function")
    return NamedCheck(name, check)
