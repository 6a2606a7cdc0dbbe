"""A digest of a manifest, which changes with its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from serotiny.filesystem import is_file, is_folder
from serotiny.manifest.files import SPLITS, SUFFIXES

_BLOCK = 2**20
_MOST_BLOCKS = 64
"""The number of blocks that are read of a larger file: a change of its rows usually changes its size or its ends."""


def manifest_digest(path: Path) -> str | None:
    """The first 32 characters of a SHA-256 over a manifest's content, or a folder's names and contents, shards included.

    Of files of more than 64 MiB, 64 evenly spaced blocks of 1 MiB are read, including the first and the last, so that
    it takes a fraction of a second for any size. Other changes within such a file are not noticed.

    Returns:
        The digest; None if there is no such file or folder, or it cannot be read.
    """
    try:
        if is_file(path):
            return _of_file(path).hexdigest()[:32]
        if is_folder(path):
            whole = hashlib.sha256()
            shards = (item for split in SPLITS for item in (path / split).glob("*.parquet"))
            files = [item for item in (*path.iterdir(), *shards) if item.suffix in SUFFIXES and is_file(item)]
            for file in sorted(files):
                whole.update(str(file.relative_to(path)).encode() + b"\0" + _of_file(file).digest())
            return whole.hexdigest()[:32]
    except OSError:
        return None
    return None


def _of_file(file: Path) -> hashlib._Hash:
    size = file.stat().st_size
    found = hashlib.sha256(str(size).encode())
    blocks = -(-size // _BLOCK)
    with file.open("rb") as stream:
        for number in range(min(blocks, _MOST_BLOCKS)):
            if blocks > _MOST_BLOCKS:
                stream.seek(number * (size - _BLOCK) // (_MOST_BLOCKS - 1))
            found.update(stream.read(_BLOCK))
    return found
