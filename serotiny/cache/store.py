"""Cache answers on disk, one JSON file each, so that a second check need not parse source again.

An entry is valid as long as its evidence holds, which the caller checks. Entries that cannot be read are
ignored and replaced; if the folder cannot be written, answers are computed each time.
"""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from serotiny.cache.fingerprint import Evidence, states_below
from serotiny.cache.location import cache_folder
from serotiny.cache.own_file import read_own_file
from serotiny.filesystem import replace_file
from serotiny.reads import State

_LARGEST_BYTES = 20_000_000


class CacheEntry(NamedTuple):
    """An answer as JSON data, with what it was computed from."""

    evidence: Evidence
    answer: Any


class AnswerCache:
    """A folder of answers.

    Args:
        room: the name of a folder in `SEROTINY_CACHE_DIR`, or else in the user's cache folder.
        made_by: the folders of the code that computes the answers; all are stale when it changes.
        folder: a folder to use instead of `room`.
        kept: the number of answers to keep when one is added, the newest; all if not given.
    """

    def __init__(
        self, room: str, *made_by: Path, folder: Path | None = None, kept: int | None = None
    ) -> None:
        self._room = room
        self._made_by = made_by
        self._folder = folder
        self._kept = kept

    @cached_property
    def folder(self) -> Path:
        """The folder; it need not exist."""
        if self._folder is not None:
            return self._folder
        return Path(cache_folder()) / self._room

    def load(self, key: str) -> CacheEntry | None:
        """The entry of a key; None if there is none, it cannot be read, or another user may have written it."""
        try:
            data = json.loads(read_own_file(str(self._file(key)), _LARGEST_BYTES))
            if data["key"] != key:
                return None
            files = {path: None if state is None else _state(*state) for path, state in data["files"].items()}
            return CacheEntry(Evidence(files, dict(data["top_levels"])), data["answer"])
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            return None

    def store(self, key: str, evidence: Evidence, answer: Any) -> None:
        """Write an entry atomically."""
        entry = {
            "key": key,
            "files": evidence.files,
            "top_levels": evidence.top_levels,
            "answer": answer,
        }
        file = self._file(key)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(file, json.dumps(entry, ensure_ascii=True, separators=(",", ":")))
            if self._kept is not None:
                self._forget_all_but(self._kept)

    def _forget_all_but(self, kept: int) -> None:
        stored = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in stored[:-kept]:
            old.unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        digest = hashlib.sha256(f"{self._maker}\n{key}".encode()).hexdigest()
        return self.folder / f"{digest[:32]}.json"

    @cached_property
    def _maker(self) -> str:
        """The state of the code that computes the answers, and the version of Python.

        The states of files are used instead of serotiny's version number, which takes longer to look up in the installed
        metadata than thirty entries to read, and does not change in an editable installation.
        """
        states = (state for folder in self._made_by for state in states_below(folder, (".py",)))
        return "\n".join([sys.version, *map(str, sorted(states))])


def _state(size: int, modified_ns: int, changed_ns: int, inode: int) -> State:
    return int(size), int(modified_ns), int(changed_ns), int(inode)
