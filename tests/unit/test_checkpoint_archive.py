"""The archive of a checkpoint is read only where Python and torch find the same parts in it."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from serotiny.checkpoint_archive import ArchiveError, open_archive
from serotiny.checkpoint_pickle import fault_of_checkpoint
from serotiny.ml_ops.checkpoints.candidates import CheckpointError
from serotiny.ml_ops.checkpoints.file import read_checkpoint

_EMPTY = b"\x80\x02}X\x0a\x00\x00\x00state_dict}s."
_HARMFUL = b"\x80\x02cbuiltins\nbytearray\nK\x09\x85R."
_DAMAGED = "is not a whole checkpoint: it is truncated, damaged or of another kind"


def _zipped(*parts: tuple[str, bytes], comment: bytes = b"", compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in parts:
            archive.writestr(name, content)
        archive.comment = comment
    return stream.getvalue()


def _by_torch(state: object) -> bytes:
    stream = io.BytesIO()
    torch.save(state, stream)
    return stream.getvalue()


def _with_other_directory(content: bytes) -> bytes:
    """Two archives one after the other, where the record of ZIP64 names the first one for those who believe it."""
    first = _by_torch({"state_dict": {}})
    place = len(first) - 98
    end = content[-22:]
    return first + content[:-42] + content[-42:-34] + struct.pack("<Q", place) + content[-26:-22] + end


def _with_count(content: bytes, count: int) -> bytes:
    return content[:-14] + struct.pack("<HH", count, count) + content[-10:]


def _overlapping(count: int) -> bytes:
    """Parts that all are the same million bytes."""
    content = _zipped(("a/data.pkl", _EMPTY), ("a/data/0", bytes(1_000_000)))
    start = content.rindex(b"PK\x01\x02")
    entry = content[start:-22]
    named = [entry[:46] + f"a/data/{number:x}"[:8].ljust(8, "x").encode() for number in range(count)]
    directory = content[content.index(b"PK\x01\x02") : start] + b"".join(named)
    offset = content.index(b"PK\x01\x02")
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(directory), offset, 0)
    return content[:offset] + directory + end


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", _DAMAGED),
        (b"PK\x05\x06", _DAMAGED),
        (_zipped(("a/data.pkl", _EMPTY), comment=b"x" * 60_000), _DAMAGED),
        (_zipped(("a/data.pkl", _EMPTY)) + b"x", _DAMAGED),
        (b"x" + _zipped(("a/data.pkl", _EMPTY)), _DAMAGED),
        (_with_count(_zipped(("a/data.pkl", _EMPTY), ("a/b", b"")), 1), _DAMAGED),
        (_with_count(_zipped(("a/data.pkl", _EMPTY)), 2), _DAMAGED),
        (_with_other_directory(_by_torch({"state_dict": {}})), _DAMAGED),
        (_zipped(("a/data.pkl", _EMPTY), ("a/DATA.PKL", _HARMFUL)), "it has parts of the same name"),
        (_zipped(("a/Data.Pkl", _HARMFUL)), "`builtins.bytearray`"),
        (_zipped(("../../data.pkl", _HARMFUL)), "`builtins.bytearray`"),
        (_zipped(("a/data.pkl", bytes(10_000)), compression=zipfile.ZIP_DEFLATED), "it is compressed"),
        (_overlapping(10), _DAMAGED),
    ],
)
def test_an_archive_that_can_be_read_in_two_ways_or_is_no_archive_is_refused(
    content: bytes, said: str, tmp_path: Path
) -> None:
    """Its records, its names and its sizes have to fit together."""
    file = tmp_path / "last.ckpt"
    file.write_bytes(content)

    assert said in (fault_of_checkpoint(file) or "")


def test_names_of_parts_with_dots_write_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are names in the archive alone, in which torch does not find what it looks for."""
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    content = _by_torch({"state_dict": {"w": torch.ones(3)}})
    (folder / "last.ckpt").write_bytes(content.replace(b"archive/", b"../../x/"))

    with pytest.raises(CheckpointError, match="is not a whole checkpoint"):
        read_checkpoint(folder / "last.ckpt")
    assert [folder / "last.ckpt"] == [file for file in tmp_path.rglob("*") if file.is_file()]


def test_many_tensors_are_read(tmp_path: Path) -> None:
    """More than 65,535, where an archive counts them in its record of ZIP64."""
    one = torch.ones(1)
    torch.save({str(number): one.clone() for number in range(66_000)}, tmp_path / "last.ckpt")

    with open_archive(tmp_path / "last.ckpt") as archive:
        assert len(archive.infolist()) > 66_000


def test_a_million_parts_are_refused_at_once(tmp_path: Path) -> None:
    """Before a directory is made of them: in little time and memory."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0)
    directory = b"".join(entry + f"{number:08x}".encode() for number in range(1_000_000))
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 0, 0, 0, 0, 10**6, 10**6, len(directory), 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    file = tmp_path / "last.ckpt"
    file.write_bytes(directory + end_64 + locator + end)
    program = f"""
from pathlib import Path
from serotiny.checkpoint_pickle import fault_of_checkpoint
print(fault_of_checkpoint(Path({str(file)!r})))
"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "has more than 100,000 parts and is not read\n" == said
    assert after.ru_utime - before.ru_utime < 2
    with pytest.raises(ArchiveError, match="more than 100,000 parts"), open_archive(file):
        pass


@pytest.mark.parametrize("length", [2**63, 2**40, 60_000_000])
def test_a_directory_that_claims_any_size_is_not_read(length: int, tmp_path: Path) -> None:
    """Neither beyond the file nor before its start."""
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 0, 0, 0, 0, 1, 1, length, 2**64 - length)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "last.ckpt").write_bytes(end_64 + locator + end)

    assert fault_of_checkpoint(tmp_path / "last.ckpt") == _DAMAGED
