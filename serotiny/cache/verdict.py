"""Remember what a check said, for as long as nothing that it was read from has changed.

This module stands in front of the command line: when a verdict still holds, it is told before Hydra,
OmegaConf, pydantic or click are imported. It therefore imports little, and no pathlib.

A verdict is remembered with everything that it was read from (`Reads`): the arguments, the files, the
listings of folders, what was looked for and not there, the environment variables that interpolations asked
for, the code of serotiny and of checks, the folders of installed packages.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib

from serotiny.cache.location import cache_folder
from serotiny.reads import Reads, State, presence_of, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TextIO

_SHORTEST_SECRET = 6
_LARGEST_BYTES: Final = 8 << 20
KEPT: Final = 200
"""How many verdicts stay; those that were not asked for longest go first."""

_TICK_NS: Final = 20_000_000
_COARSE_TICK_NS: Final = 2_000_000_000
"""A file may change again within the tick of its file system's clock without looking different: some
milliseconds, or two seconds where times are kept in whole seconds (git's "racy" entries)."""

_LOOKS = ("NO_COLOR", "TERM", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING", "LANG", "LC_ALL", "HOME")
"""Variables that decide what output looks like, or where things lie."""

_ASKS_FOR_MORE = frozenset({"--no-cache", "--runs", "--verbose", "--write-baseline"})
"""Flags with which a check asks a server, writes a file, or shows what a remembered one cannot."""


def recall(arguments: list[str]) -> int | None:
    """Print what the same call printed before, if that still holds.

    Returns:
        The exit status; None when there is nothing to recall.
    """
    if not _is_remembered(arguments):
        return None
    file = _file(_key(arguments))
    entry = _load(file, _key(arguments))
    if entry is None or not _holds(entry):
        return None
    sys.stderr.write(entry["stderr"])
    sys.stdout.write(entry["stdout"])
    sys.stdout.flush()
    try:  # noqa: SIM105  # contextlib is dear
        os.utime(file)
    except OSError:
        pass  # a cache that cannot be written serves as it is
    return int(entry["status"])


def remember(arguments: list[str], run: Callable[[], int]) -> int:
    """Run a call; what a check prints is remembered beside what it was read from.

    Raises:
        BaseException: what `run` raises; nothing is remembered then.
    """
    if not _is_remembered(arguments):
        return run()
    key, start_ns, reads = _key(arguments), time.time_ns(), Reads()
    out, err = _Copied(sys.stdout), _Copied(sys.stderr)
    sys.stdout, sys.stderr = out, err
    try:
        with reads:
            status = run()
    finally:
        sys.stdout, sys.stderr = out.stream, err.stream
    # any other is about the call or the world, and may be another next time
    if status in (0, 1):
        _note_code(reads)
        _forget_own_files(reads)
        if _is_settled(reads, start_ns):
            _store(key, reads, {"status": status, "stdout": out.text(), "stderr": err.text()})
    return status


def _is_remembered(arguments: list[str]) -> bool:
    words = [text for text in arguments if not text.startswith("-")]
    flags = {text.partition("=")[0] for text in arguments}
    if words[:2] != ["check", "config"] or flags & _ASKS_FOR_MORE:
        return False
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:  # a folder that is gone is for the command to tell
        return False
    return True


class _Copied:
    """A stream that keeps a copy of what is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        written = self.stream.write(text)  # before it is kept: click tries whether bytes are taken
        self._parts.append(text)
        return written

    def text(self) -> str:
        return "".join(self._parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _key(arguments: list[str]) -> list[Any]:
    """What a call is known by."""
    looks = [os.environ.get(name) for name in _LOOKS]
    streams = [[stream.isatty(), stream.encoding] for stream in (sys.stdout, sys.stderr)]
    python = [sys.version, sys.executable, sys.flags.utf8_mode, *sys.path]
    return [arguments, os.getcwd(), looks, streams, python]  # noqa: PTH109


def _file(key: list[Any]) -> str:
    # no hashlib, whose import loads OpenSSL: two keys in one file cost a look-up, since the entry holds its key
    raw = json.dumps(key).encode()
    return os.path.join(_folder(), f"{zlib.crc32(raw):08x}{zlib.adler32(raw):08x}.json")  # noqa: PTH118


def _folder() -> str:
    return os.path.join(cache_folder(), "verdicts")  # noqa: PTH118


def _load(file: str, key: list[Any]) -> dict[str, Any] | None:
    """The entry of a key, or None when there is none that can be read, or somebody else may have written it."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123
            if hasattr(os, "getuid") and os.fstat(stream.fileno()).st_uid != os.getuid():
                return None
            entry = json.loads(stream.read(_LARGEST_BYTES + 1))
        is_whole = (
            entry["key"] == _digest(str(entry["salt"]), json.dumps(key))
            and entry["status"] in (0, 1)
            and isinstance(entry["stdout"], str)
            and isinstance(entry["stderr"], str)
            and all(isinstance(entry[part], dict) for part in ("files", "folders", "variables"))
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return entry if is_whole else None


def _holds(entry: dict[str, Any]) -> bool:
    """Whether everything that the verdict was read from is as it was."""
    for part, now_of in (("files", presence_of), ("folders", state_of)):
        for path, state in entry[part].items():
            now = now_of(path)
            if state != (None if now is None else [*now]):
                return False
    return all(
        digest == _digest(str(entry["salt"]), os.environ.get(name))
        for name, digest in entry["variables"].items()
    )


def _digest(salt: str, value: str | None) -> str | None:
    """A variable's value may be a credential, which has no place in a cache."""
    if value is None:
        return None
    from hashlib import sha256

    return sha256(f"{salt}{value}".encode("utf-8", "surrogateescape")).hexdigest()


def _is_telling(value: str | None) -> bool:
    """Whether a variable's value may be a secret: a word of some length, and neither a path nor a switch."""
    return value is not None and len(value) >= _SHORTEST_SECRET and not value.startswith(("/", "~", "."))


def _note_code(reads: Reads) -> None:
    """The code that gave the verdict: serotiny's, that of other checks, and which packages are installed."""
    shared = tuple(
        folder + os.sep for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))
    )
    own = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120
    # a copy, since asking a lazy module for an attribute may import more
    for module in [*sys.modules.values()]:
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and (
            file.startswith(own) or not file.startswith((*shared, sys.base_prefix))
        ):
            reads.files.setdefault(file, state_of(file))
    for folder in sys.path:
        reads.folders.setdefault(folder, state_of(folder))


def _forget_own_files(reads: Reads) -> None:
    """What lies in our own cache is only a copy of what was read elsewhere."""
    own = os.path.join(cache_folder(), "")  # noqa: PTH118
    for states in (reads.files, reads.folders):
        for path in [path for path in states if (path + os.sep).startswith(own)]:
            del states[path]


def _is_settled(reads: Reads, start_ns: int) -> bool:
    """Whether no file could change again without looking different."""
    return not any(
        _is_recent(state, start_ns) for states in (reads.files, reads.folders) for state in states.values()
    )


def _is_recent(state: State, start_ns: int) -> bool:
    if state is None:
        return False
    _, modified_ns, changed_ns, _ = state
    tick_ns = _TICK_NS if modified_ns % 1_000_000_000 else _COARSE_TICK_NS
    return max(modified_ns, changed_ns) >= start_ns - tick_ns


def _store(key: list[Any], reads: Reads, outcome: dict[str, Any]) -> None:
    from contextlib import suppress
    from pathlib import Path

    from serotiny.filesystem import replace_file

    salt = os.urandom(16).hex()
    entry = {
        "key": _digest(salt, json.dumps(key)),  # an argument may hold a credential
        **outcome,
        "files": reads.files,
        "folders": reads.folders,
        "salt": salt,
        "variables": {name: _digest(salt, value) for name, value in reads.variables.items()},
    }
    try:
        text = json.dumps(entry, separators=(",", ":"))
    except UnicodeError:
        return
    if any(_is_telling(value) and json.dumps(value)[1:-1] in text for value in reads.variables.values()):
        return  # a value that may be secret, as a part of a path perhaps
    folder = Path(_folder())
    with suppress(OSError):  # a cache that cannot be written costs time and nothing else
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if len(text) <= _LARGEST_BYTES:
            replace_file(Path(_file(key)), text)
        stored = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in stored[:-KEPT]:
            old.unlink(missing_ok=True)
