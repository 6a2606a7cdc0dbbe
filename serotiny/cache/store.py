"""Answers on disk, one JSON file each, so that a second check parses no source.

An entry is valid as long as its evidence holds, which the caller checks. Entries that cannot be read are
ignored and replaced; where the folder cannot be written, answers are computed again each time.
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
from serotiny.filesystem import read_plain_file, replace_file
from serotiny.reads import State

_LARGEST_BYTES = 20_000_000


class CacheEntry(NamedTuple):
    """An answer as JSON data, and what it was computed from."""

    evidence: Evidence
    answer: Any


class AnswerCache:
    """A folder of answers.

    Args:
        room: the name of a folder in `SEROTINY_CACHE_DIR`, or else in the user's cache folder.
        made_by: the folder of the code that computes the answers; when it changes, all of them are stale.
        folder: another place than `room`.
        kept: how many answers stay when one is added, the oldest going first; all of them unless given.
    """

    def __init__(
        self, room: str, made_by: Path, *, folder: Path | None = None, kept: int | None = None
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
        """The entry of a key, or None when there is none that can be read."""
        try:
            data = json.loads(read_plain_file(self._file(key), _LARGEST_BYTES))
            if data["key"] != key:
                return None
            files = {path: None if state is None else _state(*state) for path, state in data["files"].items()}
            return CacheEntry(Evidence(files, dict(data["top_levels"])), data["answer"])
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            return None

    def store(self, key: str, evidence: Evidence, answer: Any) -> None:
        """Write an entry; another process sees the old one or the new one, never a part."""
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

        Files rather than serotiny's version number: looking that up in the installed metadata takes
        longer than reading thirty entries, and in an editable installation it does not change.
        """
        return "\n".join([sys.version, *map(str, sorted(states_below(self._made_by, (".py",))))])


def _state(size: int, modified_ns: int, changed_ns: int, inode: int) -> State:
    return int(size), int(modified_ns), int(changed_ns), int(inode)
