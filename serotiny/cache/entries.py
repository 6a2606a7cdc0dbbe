"""Cached answers of calls on disk, each with a record of what was read. For speed it imports little, and no pathlib."""

from __future__ import annotations

import json
import os
import sys
import zlib

from serotiny.cache.location import cache_folder
from serotiny.cache.own_file import read_own_file
from serotiny.reads import Kind, Reads, State, kind_of, presence_of, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_SHORTEST_SECRET: Final = 6
_LARGEST_BYTES: Final = 8 << 20
_INSTALLED: Final = (sys.prefix, sys.base_prefix)
KEPT: Final = 200
"""The number of entries in a room; the least recently used ones are deleted."""


class Entry:
    """A cached answer.

    Attributes:
        answer: the answer as JSON data.
        files, kinds, folders: the states of what it was read from, as in `Reads`.
        variables: digests of the values of the environment variables that were read.
    """

    __slots__ = ("_file", "_names", "_salt", "answer", "files", "folders", "kinds", "variables")

    def __init__(self, file: str, data: dict[str, Any]) -> None:
        self._file = file
        self._salt = str(data["salt"])
        self._names: dict[str, str] = data["names"]
        self.answer: Any = data["answer"]
        self.files: dict[str, list[int] | None] = data["files"]
        self.kinds: dict[str, Kind] = data["kinds"]
        self.folders: dict[str, list[int] | None] = data["folders"]
        self.variables: dict[str, str | None] = data["variables"]

    def holds(self) -> bool:
        """Whether everything that the answer was read from is unchanged."""
        return self.reads_now() is not None

    def reads_now(self) -> Reads | None:
        """The current states of what the answer was read from; None if something has changed.

        A folder whose time has changed counts as unchanged if it still contains the same names.
        """
        reads = Reads()
        for path, state in self.files.items():
            now = presence_of(path)
            if state != (None if now is None else [*now]):
                return None
            reads.files[path] = now
        for path, kind in self.kinds.items():
            if kind_of(path) != kind:
                return None
            reads.kinds[path] = kind
        for path, state in self.folders.items():
            now = state_of(path)
            if state != (None if now is None else [*now]) and not self._has_same_names(path):
                return None
            reads.folders[path] = now
        for name, digest in self.variables.items():
            value = os.environ.get(name)
            if digest != _digest(self._salt, value):
                return None
            reads.variables[name] = value
        return reads

    def _has_same_names(self, folder: str) -> bool:
        return folder in self._names and self._names[folder] == _digest_of_names(folder)

    def touch(self) -> None:
        """Mark the entry as used now."""
        try:  # noqa: SIM105  # importing contextlib takes long
            os.utime(self._file)
        except OSError:
            pass  # a cache that cannot be written can still be read


class Room:
    """A folder of entries.

    Args:
        name: its name in the cache.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def load(self, key: list[Any]) -> Entry | None:
        """The entry of a key; None if there is none, it cannot be read, or another user may have written it."""
        file = self._file(key)
        try:
            data = json.loads(read_own_file(file, _LARGEST_BYTES + 1))
            if data["key"] != _digest(str(data["salt"]), json.dumps(key)):
                return None
            if not all(
                isinstance(data[part], dict) for part in ("files", "kinds", "folders", "variables", "names")
            ):
                return None
            return Entry(file, data)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def store(self, key: list[Any], reads: Reads, answer: Any) -> None:
        """Write an entry atomically.

        Args:
            key: identifies the call.
            reads: what the answer was read from.
            answer: the answer as JSON data.
        """
        from contextlib import suppress
        from pathlib import Path

        from serotiny.filesystem import replace_file

        salt = os.urandom(16).hex()
        entry = {
            "key": _digest(salt, json.dumps(key)),  # an argument may hold a credential
            "answer": answer,
            "files": reads.files,
            "kinds": reads.kinds,
            "folders": reads.folders,
            "names": _names_in(reads.folders),
            "salt": salt,
            "variables": {name: _digest(salt, value) for name, value in reads.variables.items()},
        }
        try:
            text = json.dumps(entry, separators=(",", ":"))
        except UnicodeError:
            return
        if any(_is_telling(value) and json.dumps(value)[1:-1] in text for value in reads.variables.values()):
            return  # a value of a variable, which may be secret, is part of the answer or of a path
        folder = Path(self._folder)
        with suppress(OSError):  # without a cache that can be written, only time is lost
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if len(text) <= _LARGEST_BYTES:
                replace_file(Path(self._file(key)), text)
            stored = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            for old in stored[:-KEPT]:
                old.unlink(missing_ok=True)

    @property
    def _folder(self) -> str:
        return os.path.join(cache_folder(), self._name)

    def _file(self, key: list[Any]) -> str:
        # not with hashlib, whose import loads OpenSSL. A collision is harmless, since the entry contains its key.
        raw = json.dumps(key).encode()
        return os.path.join(self._folder, f"{zlib.crc32(raw):08x}{zlib.adler32(raw):08x}.json")


def _names_in(folders: dict[str, State]) -> dict[str, str]:
    """Digests of the names in the folders that have not changed since they were listed.

    Not of those with installed packages, which are large.
    """
    digests = {
        folder: _digest_of_names(folder)
        for folder, state in folders.items()
        if not folder.startswith(_INSTALLED) and "site-packages" not in folder and state_of(folder) == state
    }
    return {folder: digest for folder, digest in digests.items() if digest is not None}


def _digest_of_names(folder: str) -> str | None:
    """A digest of the names in a folder, and of which of them are folders; None if it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name + os.sep * entry.is_dir() for entry in entries)
    except OSError:
        return None
    return _digest("", "\0".join(names))


def _digest(salt: str, value: str | None) -> str | None:
    """A salted digest of a value, since a variable may be a credential, which must not get into a cache."""
    if value is None:
        return None
    from hashlib import sha256

    return sha256(f"{salt}{value}".encode("utf-8", "surrogateescape")).hexdigest()


def _is_telling(value: str | None) -> bool:
    """Whether a variable's value may be a secret: it has some length, and is neither a path nor a switch."""
    return value is not None and len(value) >= _SHORTEST_SECRET and not value.startswith(("/", "~", "."))


def forget_own_files(reads: Reads) -> None:
    """Remove files of our own cache, which are only copies of what was read elsewhere."""
    own = os.path.join(cache_folder(), "")
    every: tuple[dict[str, Any], ...] = (reads.files, reads.kinds, reads.folders)
    for states in every:
        for path in [path for path in states if (path + os.sep).startswith(own)]:
            del states[path]
