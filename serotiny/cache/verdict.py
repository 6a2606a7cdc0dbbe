"""Remember what a check said, for as long as nothing that it was read from has changed.

This module stands in front of the command line: when a verdict still holds, it is told before Hydra,
OmegaConf, pydantic or click are imported. It therefore imports little, and no pathlib.

A verdict is remembered with everything that it was read from (`Reads`): the arguments, the files, the
listings of folders, what was looked for and not there, the environment variables that interpolations asked
for, the code of serotiny and of checks, the folders of installed packages.
"""

from __future__ import annotations

import os
import sys
import time

from serotiny.cache.entries import Room, forget_own_files
from serotiny.reads import Reads, State, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TextIO

    from serotiny.cache.parts import Parts

_VERDICTS: Final = Room("verdicts")

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
    entry = _VERDICTS.load(_key(arguments))
    if entry is None or not _is_verdict(entry.answer) or not entry.holds():
        return None
    sys.stderr.write(entry.answer["stderr"])
    sys.stdout.write(entry.answer["stdout"])
    sys.stdout.flush()
    entry.touch()
    return int(entry.answer["status"])


def _is_verdict(answer: dict[str, Any]) -> bool:
    return answer.get("status") in (0, 1) and all(
        isinstance(answer.get(name), str) for name in ("stdout", "stderr")
    )


def remember(arguments: list[str], run: Callable[[Parts | None], int]) -> int:
    """Run a call; what a check prints is remembered beside what it was read from.

    Args:
        arguments: those of the call.
        run: makes the answer; it is given what is left of an earlier one, where answers are remembered.

    Raises:
        BaseException: what `run` raises; nothing is remembered then.
    """
    if not _is_remembered(arguments):
        return run(None)
    from serotiny.cache.parts import Parts

    key, start_ns, reads = _key(arguments), time.time_ns(), Reads()
    parts = Parts(key, reads)
    out, err = _Copied(sys.stdout), _Copied(sys.stderr)
    sys.stdout, sys.stderr = out, err
    try:
        with reads:
            status = run(parts)
    finally:
        sys.stdout, sys.stderr = out.stream, err.stream
    # any other is about the call or the world, and may be another next time
    if status in (0, 1):
        code, whole = _code(), reads.whole()
        if whole is not None:
            whole.add(code)
            forget_own_files(whole)
            if _is_settled(whole, start_ns):
                _VERDICTS.store(key, whole, {"status": status, "stdout": out.text(), "stderr": err.text()})
        parts.store(code, lambda shared: _is_settled(shared, start_ns))
    return status


def _is_remembered(arguments: list[str]) -> bool:
    words = [text for text in arguments if not text.startswith("-")]
    flags = {text.partition("=")[0] for text in arguments}
    if words[:2] != ["check", "config"] or flags & _ASKS_FOR_MORE:
        return False
    try:
        os.getcwd()
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
    return [arguments, os.getcwd(), looks, streams, python]


def _code() -> Reads:
    """The code that gave a verdict: serotiny's, that of other checks, and which packages are installed."""
    code = Reads()
    shared = tuple(
        folder + os.sep for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))
    )
    own = os.path.dirname(os.path.dirname(__file__))
    # a copy, since asking a lazy module for an attribute may import more
    for module in [*sys.modules.values()]:
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and (
            file.startswith(own) or not file.startswith((*shared, sys.base_prefix))
        ):
            code.files[file] = state_of(file)
    for folder in sys.path:
        code.folders[folder] = state_of(folder)
    return code


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
