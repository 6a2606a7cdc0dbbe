"""Answers on disk, one JSON file each, so that a second check parses no source.

An entry is of use as long as its evidence holds; the reader sees to that. The folder is nobody's
treasure: whatever in it cannot be read is ignored and replaced, and a folder that cannot be written
costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from serotiny.cache.fingerprint import Evidence

ENVIRONMENT_VARIABLE: Final = "SEROTINY_CACHE_DIR"


class CacheEntry(NamedTuple):
    """An answer as JSON data, and what it was read from."""

    evidence: Evidence
    answer: Any


class SignatureCache:
    """A folder of answers.

    Args:
        folder: where; by default `SEROTINY_CACHE_DIR`, or else the user's cache folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @cached_property
    def folder(self) -> Path:
        """The folder; it need not exist."""
        if self._folder is not None:
            return self._folder
        if chosen := os.environ.get(ENVIRONMENT_VARIABLE):
            return Path(chosen)
        from platformdirs import user_cache_path

        return user_cache_path("serotiny", appauthor=False) / "targets"

    def load(self, key: str) -> CacheEntry | None:
        """The entry of a key, or None when there is none that can be read."""
        try:
            data = json.loads(self._file(key).read_bytes())
            if data["key"] != key:
                return None
            files = {
                path: None if state is None else (int(state[0]), int(state[1]))
                for path, state in data["files"].items()
            }
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
            handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=file.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump(entry, stream, ensure_ascii=True, separators=(",", ":"))
                Path(name).replace(file)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    def _file(self, key: str) -> Path:
        digest = hashlib.sha256(f"{self._reader_version}\n{key}".encode()).hexdigest()
        return self.folder / f"{digest[:32]}.json"

    @cached_property
    def _reader_version(self) -> str:
        """What made the answers: this package's own files, and the Python whose conditions they follow.

        The files rather than a version number, whose look-up in the installed metadata takes
        longer than reading thirty entries, and which an editable installation does not change.
        """
        own = sorted((entry.name, entry.stat()) for entry in os.scandir(Path(__file__).parent))
        files = [f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in own if name.endswith(".py")]
        return "\n".join([sys.version, *files])
