"""Cache the output of `check` and `compile`, which is valid as long as nothing that it depends on has changed.

This module runs before the command line: a valid cached verdict is printed before Hydra, OmegaConf, pydantic or click
are imported. Therefore it imports little, and no pathlib.

A verdict is stored with everything that it depends on (`Reads`): the arguments, files, listings of folders, files that
were looked for and did not exist, environment variables in interpolations, the code of serotiny and of checks, and
the folders of installed packages.
"""

from __future__ import annotations

import os
import sys
import time

from serotiny.cache.entries import Room, forget_own_files
from serotiny.reads import Reads, State, presence_of, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TextIO

    from serotiny.cache.parts import Parts

_VERDICTS: Final = Room("verdicts")

_TICK_NS: Final = 20_000_000
_COARSE_TICK_NS: Final = 2_000_000_000
"""The resolution of file times: within it a file may change again without a new time. It is some milliseconds, or two
seconds on file systems with times in whole seconds (compare git's "racy" entries)."""

_LOOKS = ("NO_COLOR", "TERM", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING", "LANG", "LC_ALL", "HOME")
"""Environment variables that the form of the output, or the location of files, depends on."""

_ASKS_FOR_MORE = frozenset({"--no-cache", "--runs", "--verbose", "--write-baseline"})
"""Flags with which a call asks a server, writes a file, or shows more than the cache contains."""


def recall(arguments: list[str]) -> int | None:
    """Print the cached output of the same call, if it is still valid.

    Returns:
        The exit status; None if there is no valid cached output.
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
    """Run a call; if it checks or compiles, its output is cached with what it depends on.

    Args:
        arguments: the arguments of the call.
        run: runs the call; for a call that is cached it gets the parts of an earlier answer.

    Raises:
        BaseException: an exception of `run`; nothing is cached then.
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
    # other exit statuses are about the call or its surroundings, and may differ next time
    if status in (0, 1):
        code, whole = _code(), reads.whole()
        if whole is not None:
            whole.add(code)
            forget_own_files(whole)
            if _is_settled(whole, start_ns) and (_is_check(arguments) or _is_printed_alone(whole)):
                _VERDICTS.store(key, whole, {"status": status, "stdout": out.text(), "stderr": err.text()})
        parts.store(code, lambda shared: _is_settled(shared, start_ns))
    return status


def _is_remembered(arguments: list[str]) -> bool:
    flags = {text.partition("=")[0] for text in arguments}
    if not (_is_check(arguments) or _words(arguments)[:1] == ["compile"]) or flags & _ASKS_FOR_MORE:
        return False
    try:
        os.getcwd()
    except OSError:  # the folder does not exist any more, which the command itself reports
        return False
    return True


def _is_check(arguments: list[str]) -> bool:
    return _words(arguments)[:2] == ["check", "config"]


def _words(arguments: list[str]) -> list[str]:
    return [text for text in arguments if not text.startswith("-")]


def _is_printed_alone(reads: Reads) -> bool:
    """Whether a plan's output is all of it, and the same at any time.

    The file that a plan is written to is compared with the plan, so it is one of those that were read: the call has
    written nothing if it is unchanged.
    """
    return not reads.asked_time and all(presence_of(path) == state for path, state in reads.files.items())


class _Copied:
    """A stream that keeps a copy of what is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        written = self.stream.write(text)  # written first, since click tests whether the stream accepts bytes
        self._parts.append(text)
        return written

    def text(self) -> str:
        return "".join(self._parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _key(arguments: list[str]) -> list[Any]:
    """The key of a call: arguments, working directory, and what the output's form depends on."""
    looks = [os.environ.get(name) for name in _LOOKS]
    streams = [[stream.isatty(), stream.encoding] for stream in (sys.stdout, sys.stderr)]
    python = [sys.version, sys.executable, sys.flags.utf8_mode, *sys.path]
    return [arguments, os.getcwd(), looks, streams, python]


def _code() -> Reads:
    """The code that a verdict depends on: serotiny, further checks, and the set of installed packages."""
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
    """Whether no file can change any more without a change of its state."""
    return not any(
        _is_recent(state, start_ns) for states in (reads.files, reads.folders) for state in states.values()
    )


def _is_recent(state: State, start_ns: int) -> bool:
    if state is None:
        return False
    _, modified_ns, changed_ns, _ = state
    tick_ns = _TICK_NS if modified_ns % 1_000_000_000 else _COARSE_TICK_NS
    return max(modified_ns, changed_ns) >= start_ns - tick_ns
