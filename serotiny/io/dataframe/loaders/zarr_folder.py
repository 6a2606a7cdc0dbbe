"""An array in a folder of the zarr format, version 2 or 3.

The format is https://zarr-specs.readthedocs.io: a description in JSON beside the chunks, each in a file of its own. A
description may name a codec that executes what a chunk holds, and may claim any size: both are looked at before zarr is.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy.typing as npt

from serotiny.filesystem import open_plain_file
from serotiny.io.dataframe.memory import MOST_BYTES_OF_A_BYTE, UNPROVEN_BYTES, most_bytes

_DESCRIPTIONS: Final = ("zarr.json", ".zarray", ".zgroup")
_DESCRIPTION_BYTES: Final = 1 << 20
_MOST_FILES: Final = 100_000
_MOST_CHUNKS: Final = 10_000

_FILTERS: Final = frozenset({"astype", "bitround", "delta", "fixedscaleoffset", "quantize", "shuffle"})
_COMPRESSORS: Final = frozenset({"blosc", "crc32c", "gzip", "lz4", "zlib", "zstd"})
_CODECS: Final = frozenset(
    {"bytes", "sharding_indexed", "transpose"}
    | _FILTERS
    | _COMPRESSORS
    | {f"numcodecs.{name}" for name in _FILTERS | _COMPRESSORS}
)
"""Codecs of numbers that make at most a thousand times as much of what they are given; `pickle` is none of them."""


def read_zarr(folder: Path) -> npt.NDArray[Any]:
    """The array in a folder.

    Raises:
        ValueError: the folder holds no array, or one that is larger than its files can be, has a codec that is not known to
            be harmless, or needs a package that is not installed; says which.
        OSError: a file cannot be read.
    """
    description = _description(folder)
    for codec in _codecs_in(description):
        if codec not in _CODECS:
            raise ValueError(
                f"its codec `{codec}` is not one of {', '.join(sorted(_COMPRESSORS | _FILTERS))}"
            )
    stored_bytes, _ = folder_state(folder)
    try:
        import zarr  # a large module, and few manifests name such arrays
    except ModuleNotFoundError as error:
        raise ValueError(f"{error}; `pip install 'serotiny[zarr]'` installs what it needs") from error
    array = zarr.open_array(folder, mode="r")
    if array.dtype.kind not in "biuf":
        raise ValueError("it holds no numbers")
    if math.prod(map(_chunks, array.shape, array.chunks)) > _MOST_CHUNKS:
        raise ValueError(f"it has more than {_MOST_CHUNKS} chunks")
    # chunks of which all cells are the same need not be stored
    if array.nbytes > most_bytes(stored_bytes):
        raise ValueError(
            f"it claims {array.nbytes} bytes, and its files have {stored_bytes}; more than {UNPROVEN_BYTES} are made where"
            f" a byte stands for at most {MOST_BYTES_OF_A_BYTE}: divide it into smaller arrays if it is meant so"
        )
    read: npt.NDArray[Any] = array[...]  # type: ignore[assignment]  # an array, of whatever shape
    return read


def folder_state(folder: Path) -> tuple[int, int]:
    """The size of all files in a folder in bytes, and when one of them was last changed, in nanoseconds.

    Raises:
        ValueError: there is something else than files and folders, or too much.
        OSError: a folder cannot be listed.
    """
    size = latest_ns = 0
    for number, state in enumerate(_files(folder)):
        if number >= _MOST_FILES:
            raise ValueError(f"it has more than {_MOST_FILES} files")
        size += state.st_size
        latest_ns = max(latest_ns, changed_ns(state))
    return size, latest_ns


def changed_ns(state: os.stat_result) -> int:
    """When a file was last changed: also one whose time of modification was set to what it had been."""
    return max(state.st_mtime_ns, state.st_ctime_ns)


def _files(folder: Path | str) -> Iterator[os.stat_result]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
                continue
            state = entry.stat()
            if not stat.S_ISREG(state.st_mode):
                raise ValueError(f"{entry.name} in it is no regular file")
            yield state


def _description(folder: Path) -> dict[str, Any]:
    file = next((folder / name for name in _DESCRIPTIONS if (folder / name).is_file()), None)
    if file is None:
        raise ValueError("it is a folder without an array in zarr's format")
    with open_plain_file(file) as stream:
        text = stream.read(_DESCRIPTION_BYTES + 1)
    if len(text) > _DESCRIPTION_BYTES:
        raise ValueError(f"{file.name} has more than {_DESCRIPTION_BYTES} bytes")
    description = json.loads(text)
    if not isinstance(description, dict):
        raise TypeError(f"{file.name} holds no mapping")
    if file.name == ".zgroup" or description.get("node_type") == "group":
        raise ValueError("it is a group of arrays; name the array in it, as in `x.zarr/0`")
    return description


def _codecs_in(description: dict[str, Any]) -> Iterator[str]:
    """The names of the codecs in a description, also of those that others contain."""
    compressor, filters = description.get("compressor"), description.get("filters")
    codecs, inner = description.get("codecs"), description.get("index_codecs")
    for codec in ([compressor], filters, codecs, inner):
        for settings in codec or ():
            if settings is not None:
                yield str(settings.get("id") or settings.get("name"))
                yield from _codecs_in(settings.get("configuration") or {})


def _chunks(length: int, chunk: int) -> int:
    return -(-length // chunk)
