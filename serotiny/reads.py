"""What an answer was read from, noted while it is made.

Little of the standard library is imported here: a remembered verdict is looked up before anything else.
"""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar
from functools import cache

TYPE_CHECKING = False  # `typing` takes longer to import than a verdict takes to be looked up
if TYPE_CHECKING:
    from contextvars import Token
    from typing import Any, TypeAlias

State: TypeAlias = tuple[int, int, int, int] | None
"""Size, modification and change time in nanoseconds, and inode; None for what is not there.

The change time tells of a file whose content was replaced and whose modification time was set back. A
folder has size -1, and nothing else where only that it exists counts. What is neither file nor folder has
size -2.
"""

Kind: TypeAlias = str | None
"""`file`, `folder` or `other`; None for what is not there."""

CONFIGS = "configs"
CODE = "code"

_UNSTABLE = ("/proc/", "/sys/", "/dev/")
_KINDS = {-1: "folder", -2: "other"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Reads:
    """The files, folders and environment variables that were looked at, as they were when first looked at.

    Within `with reads:` they are noted. Files that are opened and folders that are listed are heard of
    through Python's audit events, whoever does it; what is only asked for (is there such a file?) is noted
    by `path_kind` and `file_state`, which the functions of `serotiny.filesystem` go through.

    Attributes:
        files: each path that was opened, or whose state was asked for, also those that are not there.
        kinds: each path of which only what it is was asked for.
        folders: each folder whose content was listed.
        variables: each environment variable, or None for one that is not set.
        asked_time: whether the time was asked for.
        answered: what was looked at within `Answering`, by what that says it is of.
    """

    __slots__ = ("_around", "_token", "answered", "asked_time", "files", "folders", "kinds", "variables")

    def __init__(self) -> None:
        self.files: dict[str, State] = {}
        self.kinds: dict[str, Kind] = {}
        self.folders: dict[str, State] = {}
        self.variables: dict[str, str | None] = {}
        self.asked_time = False
        self.answered: dict[str, Reads] = {}
        self._around: Reads | None = None

    def shared(self) -> Reads:
        """A copy of what was looked at so far, without what was answered."""
        copied = Reads()
        copied.add(self)
        return copied

    def whole(self) -> Reads | None:
        """All that was looked at; None when something was seen in two states."""
        whole = self.shared()
        for answered in self.answered.values():
            states: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
                (whole.files, answered.files),
                (whole.kinds, answered.kinds),
                (whole.folders, answered.folders),
            )
            for known, found in states:
                if any(known.get(path, state) != state for path, state in found.items()):
                    return None
            whole.add(answered)
        return whole

    def answering(self, of: str) -> Reads:
        """Where to note what is looked at within `Answering(of)`; within what is of code, all is."""
        around = self._around or self
        if around.answered.get(CODE) is self:
            return self
        if of not in around.answered:
            around.answered[of] = Reads()
            around.answered[of]._around = around
        return around.answered[of]

    def add(self, other: Reads) -> None:
        """Note what was looked at elsewhere."""
        for path, state in other.files.items():
            self.files.setdefault(path, state)
        for path, kind in other.kinds.items():
            self.kinds.setdefault(path, kind)
        for path, state in other.folders.items():
            self.folders.setdefault(path, state)
        for name, value in other.variables.items():
            self.variables.setdefault(name, value)
        self.asked_time |= other.asked_time

    def __enter__(self) -> Reads:
        _watch()
        self._token = _noted.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _noted.reset(self._token)


class Answering:
    """Within `with answering:` what is looked at is noted apart: whoever asked knows the answer itself.

    The answer says more than the files do: one that is the same has changed nothing.

    Args:
        of: what it answers for: `CONFIGS` or `CODE`.
    """

    __slots__ = ("_of", "_tokens")

    def __init__(self, of: str = CONFIGS) -> None:
        self._of = of
        self._tokens: list[Token[Reads | None]] = []

    def __enter__(self) -> None:
        reads = _noted.get()
        self._tokens.append(_noted.set(None if reads is None else reads.answering(self._of)))

    def __exit__(self, *exception: object) -> None:
        _noted.reset(self._tokens.pop())


class Shared:
    """Within `with shared:` what is looked at is noted for all who get what is made of it, each of whom says so by `note`."""

    __slots__ = ("_reads", "_token")

    def __init__(self) -> None:
        self._reads: Reads | None = None

    def __enter__(self) -> None:
        self._reads = None if _noted.get() is None else Reads()
        self._token = _noted.set(self._reads)

    def __exit__(self, *exception: object) -> None:
        _noted.reset(self._token)
        self.note()

    @property
    def is_complete(self) -> bool:
        """Whether it was noted what was looked at, if anyone wants to know now."""
        return self._reads is not None or _noted.get() is None

    def note(self) -> None:
        """Note what was looked at, as if it were looked at now."""
        noted = _noted.get()
        if noted is not None and self._reads is not None:
            noted.add(self._reads)


_noted: ContextVar[Reads | None] = ContextVar("reads", default=None)


@cache
def _watch() -> None:
    """Hear of every file that is opened and every folder that is listed; once a process, for hooks stay."""
    sys.addaudithook(_on_event)


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        # `os.open` has flags and no mode
        writes = any(letter in mode for letter in "wax+") if mode else bool(flags & _WRITES)
        if isinstance(path, str) and not writes:
            _note_opened(path)
    elif event in ("os.listdir", "os.scandir"):
        folder = arguments[0]
        if isinstance(folder, str | os.PathLike):
            folder_state(os.fspath(folder))


def _note_opened(path: str) -> None:
    reads = _noted.get()
    if reads is not None and not path.endswith(".pyc") and not path.startswith(_UNSTABLE):
        reads.files.setdefault(os.path.abspath(path), state_of(path))


def file_state(path: str) -> State:
    """What a file is known by; of a folder only that it exists."""
    state = presence_of(path)
    reads = _noted.get()
    if reads is not None:
        reads.files.setdefault(os.path.abspath(path), state)
    return state


def path_kind(path: str) -> Kind:
    """What lies at a path."""
    found = kind_of(path)
    reads = _noted.get()
    if reads is not None:
        reads.kinds.setdefault(os.path.abspath(path), found)
    return found


def folder_state(path: str) -> State:
    """What the listing of a folder is known by: when something was last put in or taken out."""
    state = state_of(path)
    reads = _noted.get()
    if reads is not None:
        reads.folders.setdefault(os.path.abspath(path), state)
    return state


def note_variable(name: str) -> None:
    """Say that an environment variable was asked for."""
    reads = _noted.get()
    if reads is not None:
        reads.variables.setdefault(name, os.environ.get(name))


def note_time() -> None:
    """Say that the time was asked for."""
    reads = _noted.get()
    if reads is not None:
        reads.asked_time = True


def kind_of(path: str) -> Kind:
    """As `path_kind`, noting nothing."""
    found = state_of(path)
    return None if found is None else _KINDS.get(found[0], "file")


def presence_of(path: str) -> State:
    """As `file_state`, noting nothing."""
    found = state_of(path)
    return (-1, 0, 0, 0) if found is not None and found[0] == -1 else found


def state_of(path: str) -> State:
    """The state of whatever lies at a path, noting nothing."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    kind = found.st_mode & 0o170000
    size = -1 if kind == 0o040000 else found.st_size if kind == 0o100000 else -2
    return size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
