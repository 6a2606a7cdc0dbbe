"""Open the archive of a checkpoint only where every program finds the same few parts in it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_DAMAGED: Final = "is not a whole checkpoint: it is truncated, damaged or of another kind"
_SAME_NAME: Final = "is not a whole checkpoint: it has parts of the same name"
_COMPRESSED: Final = "is not a whole checkpoint: it is compressed"

_MAX_PARTS: Final = 100_000
_BYTES_OF_A_PART: Final = 10_000
"""What the files of many tensors have at least; those of more bytes may have more parts."""
_MAX_BYTES_OF_A_NAME: Final = 500

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = b"PK\x01\x02"
"""The records at the end of an archive and the signature of those of its directory: APPNOTE.TXT of PKWARE, 4.3.12 to 4.3.16."""


class ArchiveError(Exception):
    """A file is no archive that may be read; the message goes on after the file's name."""


@contextmanager
def open_archive(file: Path) -> Iterator[zipfile.ZipFile]:
    """An archive of uncompressed parts, no two of which have the same name, as torch writes it.

    Torch and Python read archives with different code: one that says twice where its directory is, or how many parts it
    has, is refused, so that what is judged is what is loaded.

    Raises:
        ArchiveError: it is of another kind, has too many parts, or cannot be read, in here or in the context.
    """
    try:
        with file.open("rb") as stream:
            count = _count_of_parts(stream, file.stat().st_size)
            with zipfile.ZipFile(stream) as archive:
                _refuse_parts(archive.infolist(), count, file.stat().st_size)
                yield archive
    except (
        OSError,
        zipfile.BadZipFile,
        struct.error,
        RuntimeError,
        EOFError,
        ValueError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise ArchiveError(_DAMAGED) from error


def _count_of_parts(stream: BinaryIO, size: int) -> int:
    """How many parts the records at the end of an archive name, which must fit its directory."""
    start = size - _END.size
    stream.seek(max(start, 0))
    signature, _, _, _, count, length, offset, comment = _END.unpack(stream.read(_END.size))
    if signature != b"PK\x05\x06" or comment:
        raise ArchiveError(_DAMAGED)
    stream.seek(max(start - _LOCATOR.size, 0))
    signature, _, place, _ = _LOCATOR.unpack(stream.read(_LOCATOR.size))
    if signature == b"PK\x06\x07":
        start -= _LOCATOR.size + _END_64.size
        stream.seek(max(start, 0))
        signature, *_, count, length, offset = _END_64.unpack(stream.read(_END_64.size))
        if signature != b"PK\x06\x06" or place != start:
            raise ArchiveError(_DAMAGED)
    if offset + length != start:
        raise ArchiveError(_DAMAGED)
    most = max(_MAX_PARTS, size // _BYTES_OF_A_PART)
    stream.seek(offset)
    if length > most * _MAX_BYTES_OF_A_NAME or stream.read(length).count(_ENTRY) > most:
        raise ArchiveError(f"has more than {most:,} parts and is not read")
    return int(count)


def _refuse_parts(parts: Sequence[zipfile.ZipInfo], count: int, size: int) -> None:
    # torch looks for a part without regard to case
    names = {part.filename.lower() for part in parts}
    if len(parts) != count or any(part.filename != part.orig_filename for part in parts):
        raise ArchiveError(_DAMAGED)
    if len(names) < count:
        raise ArchiveError(_SAME_NAME)
    if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
        raise ArchiveError(_COMPRESSED)
    # parts may overlap, so that reading them all would take very long
    if sum(part.file_size for part in parts) > size:
        raise ArchiveError(_DAMAGED)
