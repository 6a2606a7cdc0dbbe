"""Test paths that users write, and write files atomically.

`Path.is_file` and `Path.is_dir` raise for a name that is too long, or a folder that may not be read; here such a path
does not exist.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST, EFBIG, EINVAL, ENOENT
from pathlib import Path, PurePath
from typing import BinaryIO

from serotiny.reads import file_state, folder_state, path_kind


def is_file(path: Path) -> bool:
    """Whether a file exists."""
    return path_kind(os.fspath(path)) == "file"


def is_folder(path: Path) -> bool:
    """Whether a folder exists."""
    return path_kind(os.fspath(path)) == "folder"


def is_there(path: Path) -> bool:
    """Whether a file or folder exists."""
    return path_kind(os.fspath(path)) is not None


def matching(folder: Path, pattern: str) -> Iterator[Path]:
    """What matches a pattern below a folder, as far as it can be read: what others delete meanwhile is not there."""
    with suppress(OSError, ValueError):
        yield from folder.glob(pattern)


def real_path(path: PurePath) -> Path:
    """Where a path leads, symbolic links followed as far as there are any; a path that cannot be leads to itself."""
    for part in (path, *path.parents):
        text = os.fspath(part)
        # what a link leads to is another folder when it leads elsewhere, and both exist
        if os.path.islink(text):  # noqa: PTH114  # of a path that need not be possible
            folder_state(text)
        else:
            file_state(text)
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return Path(path)


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path below a folder leads out of it, by a symbolic link or by `..`."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def read_plain_file(path: Path, at_most: int) -> bytes:
    """The content of a file that another user or program may have put there.

    A device or a pipe is refused, since reading it may never end.

    Args:
        path: the file.
        at_most: bytes.

    Raises:
        OSError: it is not there, may not be read, is no plain file, or is larger.
    """
    with open_plain_file(path) as stream:
        content = stream.read(at_most + 1)
    if len(content) > at_most:
        raise OSError(EFBIG, f"it is larger than {at_most:,} bytes", str(path))
    return content


@contextmanager
def open_plain_file(path: Path) -> Iterator[BinaryIO]:
    """A file that somebody else may have put there, to read from.

    Raises:
        OSError: it is not there, may not be read, or is no plain file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(EINVAL, "it is no plain file", str(path))
        yield stream


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """A path in the same folder to write to, which replaces `path` atomically at the end of the block.

    A reader of `path` gets the old content or the new; if the block raises, the old content stays.

    Args:
        path: the file to replace; its folder exists.
        durable: wait for the disk, so that the new content also survives a power cut.

    Raises:
        OSError: the folder cannot be written.
    """
    with _beside(path) as partial:
        yield partial
        if durable:
            _sync(partial, os.O_RDWR)
        partial.replace(path)
        if durable:
            with suppress(OSError):  # not every file system lets a folder be synced
                _sync(path.parent, os.O_RDONLY)


def check_replaceable(path: Path) -> None:
    """Check that nothing but a plain file would be replaced.

    Raises:
        FileExistsError: the path is a link, a device or a folder.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise FileExistsError(EEXIST, "it is there, and is no plain file", str(path))


def replace_file(path: Path, content: str | bytes) -> None:
    """Make `content` the content of a file, atomically; an existing file keeps its permissions.

    Raises:
        OSError: the folder cannot be written, the disk is full, or the path is a link, a device or a folder.
    """
    check_replaceable(path)
    with replacing(path) as partial:
        partial.write_bytes(_encoded(content))
        if path.exists():
            partial.chmod(path.stat().st_mode & 0o777)


def update_file(path: Path, content: str | bytes) -> None:
    """As `replace_file`; a file with this content is not touched."""
    encoded = _encoded(content)
    state = file_state(os.fspath(path))
    if state is None or state[0] != len(encoded) or path.read_bytes() != encoded:
        replace_file(path, encoded)


def replace_alike(path: Path, content: str) -> None:
    """As `update_file`, for a path that a user names: a file whose first line is another one is left as it is.

    Raises:
        FileExistsError: it holds something else.
        FileNotFoundError: its folder does not exist.
        OSError: as `replace_file`.
    """
    if not is_folder(path.parent):
        raise FileNotFoundError(ENOENT, f"there is no folder {path.parent}; make it first", str(path))
    first = content.partition("\n")[0].encode()
    if is_file(path):
        with open_plain_file(path) as stream:
            there = stream.readline(len(first) + 2)
        if there and there.rstrip() != first:
            raise FileExistsError(
                EEXIST,
                "it is there and holds something else; name another file, or delete it first",
                str(path),
            )
    update_file(path, content)


def create_file(path: Path, content: str | bytes) -> None:
    """Create a file atomically; of several callers exactly one creates it.

    Raises:
        FileExistsError: it exists.
        OSError: the folder cannot be written, or the disk is full.
    """
    with _beside(path) as partial:
        partial.write_bytes(_encoded(content))
        path.hardlink_to(partial)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A temporary path of this caller alone in the folder of `path`; a file that is left there is deleted at the end."""
    # a random name, not one made of `path`'s own, which may already have the longest possible length
    partial = path.with_name(f".{os.urandom(8).hex()}.partial")
    try:
        yield partial
    finally:
        with suppress(OSError):
            partial.unlink()


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _encoded(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()
