"""Tests of PNG files that are read without Pillow."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from serotiny.io.dataframe.loaders.png_file import read_png

_PIXELS = np.random.default_rng(0).integers(0, 256, (13, 17, 4), dtype=np.uint8)
_PLAIN = {"L": _PIXELS[..., 0], "RGB": _PIXELS[..., :3], "RGBA": _PIXELS}
_HEADER_END = 33


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "png")
    return stream.getvalue()


def _plain(mode: str) -> bytes:
    return _png(Image.fromarray(np.ascontiguousarray(_PLAIN[mode])))


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def _with(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    return data[:_HEADER_END] + b"".join(_chunk(*chunk) for chunk in chunks) + data[_HEADER_END:]


def _read(folder: Path, data: bytes) -> npt.NDArray[np.uint8] | None:
    path = folder / "i.PNG"
    path.write_bytes(data)
    return read_png(str(path))


@pytest.mark.parametrize("mode", _PLAIN)
@pytest.mark.parametrize(
    "chunk",
    [
        (b"gAMA", struct.pack(">I", 90_000)),
        (b"sBIT", bytes([5])),
        (b"sRGB", b"\0"),
        (b"cICP", bytes([9, 16, 0, 1])),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        (b"eXIf", b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"),
        (b"tEXt", b"a\0IDAT tRNS"),
    ],
    ids=lambda chunk: chunk[0].decode(),
)
def test_plain_pictures_have_the_pixels_of_pillow(
    tmp_path: Path, mode: str, chunk: tuple[bytes, bytes]
) -> None:
    """Whatever is said of their colours."""
    name, content = chunk
    data = _with(_plain(mode), (name, content * len(mode) if name == b"sBIT" else content))
    found = _read(tmp_path, data)
    assert found is not None
    with Image.open(io.BytesIO(data)) as picture:
        assert np.array_equal(np.asarray(picture), found)
    assert np.array_equal(_PLAIN[mode], found)


@pytest.mark.parametrize(
    "data",
    [
        _png(Image.fromarray(_PIXELS[..., :3].copy()).convert("P")),
        _png(Image.fromarray(_PIXELS[..., :2].copy(), "LA")),
        _png(Image.fromarray(_PIXELS[..., 0].astype(np.uint16))),
        _png(Image.fromarray(_PIXELS[..., 0].copy()).convert("1")),
        _with(_plain("RGB"), (b"tRNS", bytes(6))),
        _with(_plain("RGB"), (b"gAMA", struct.pack(">I", 45_455)), (b"tRNS", bytes(6))),
        _with(_plain("RGB"), (b"acTL", struct.pack(">II", 1, 0))),
        _with(_plain("RGB"), (b"zTXt", b"a\0\0" + zlib.compress(bytes(1000)))),
        _with(_plain("RGB"), (b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(1000)))),
        _with(_plain("RGB"), (b"iCCP", b"a\0\0" + zlib.compress(bytes(1000)))),
        _plain("RGB") + bytes(2**21),
        _plain("RGB")[:28] + b"\1" + _plain("RGB")[29:],
        _plain("RGB")[:16] + struct.pack(">II", 20_000, 20_000) + _plain("RGB")[24:],
        _plain("RGB")[:20],
        b"",
    ],
    ids=[
        "palette", "grey with alpha", "16 bits", "1 bit", "a transparent colour", "one after another chunk", "animated",
        "compressed text", "compressed international text", "profile", "long", "interlaced", "huge", "a start", "empty",
    ],
)  # fmt: skip
def test_other_pictures_are_left_to_pillow(tmp_path: Path, data: bytes) -> None:
    """It converts them, bounds what they take, or says what is wrong."""
    assert _read(tmp_path, data) is None


@pytest.mark.parametrize("mode", _PLAIN)
def test_damaged_pictures_are_left_to_pillow(tmp_path: Path, mode: str) -> None:
    """None is read that Pillow refuses, and none has other pixels."""
    whole, at = _plain(mode), random.Random(0)
    damaged = [whole[:end] for end in range(0, len(whole), 3)]
    for _ in range(300):
        changed = bytearray(whole)
        changed[at.randrange(len(whole))] ^= 1 << at.randrange(8)
        damaged.append(bytes(changed))
    pixels = whole.index(b"IDAT") + 4
    stored = whole[pixels:-16]
    damaged += [
        whole[: pixels - 8] + _chunk(b"IDAT", stored[:end]) + whole[-12:] for end in range(0, len(stored), 5)
    ]
    read = 0
    for data in damaged:
        found = _read(tmp_path, data)
        if found is not None:
            read += 1
            with Image.open(io.BytesIO(data)) as picture:
                assert np.array_equal(np.asarray(picture), found)
    assert read < len(damaged) // 10


def test_other_suffixes_are_left_to_pillow(tmp_path: Path) -> None:
    """Such a file is not opened twice."""
    (tmp_path / "i.jpg").write_bytes(_plain("RGB"))
    assert read_png(str(tmp_path / "i.jpg")) is None


_WITHOUT_CODECS = """
import sys

sys.modules["imagecodecs"] = None
from serotiny.io.dataframe.loaders.image import read_image
from serotiny.io.dataframe.loaders.png_file import read_png

assert read_png(sys.argv[1]) is None
print(read_image(sys.argv[1])[0].tolist())
"""


def test_without_the_package_pillow_reads_them(tmp_path: Path) -> None:
    """And the pixels are the same."""
    (tmp_path / "i.png").write_bytes(_plain("RGB"))
    command = (sys.executable, "-c", _WITHOUT_CODECS, str(tmp_path / "i.png"))
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert str(_PLAIN["RGB"].transpose(2, 0, 1).tolist()) == told.strip()
