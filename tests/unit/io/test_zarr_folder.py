"""Arrays in folders of zarr's format."""

from __future__ import annotations

import json
import os
import pickle
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
import zarr

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadArray
from serotiny.manifest.errors import ManifestError


def saved(folder: Path, value: float = 0, zarr_format: Literal[2, 3] = 3, shards: Any = None) -> Path:
    """An array of shape (4, 6) in four chunks, each cell with its number and a value added."""
    array = zarr.create_array(
        folder,
        shape=(4, 6),
        chunks=(2, 3),
        shards=shards,
        dtype="int16",
        zarr_format=zarr_format,
        overwrite=True,
    )
    array[...] = np.arange(24).reshape(4, 6) + value
    return folder


def refused(path: Path) -> str:
    with pytest.raises(ManifestError, match=rf"array {re.escape(str(path))} cannot be read: ") as error:
        LoadArray("path").read(str(path))
    return str(error.value)


def changed(folder: Path, file: str, **changes: Any) -> Path:
    """The folder with another description."""
    description = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**description, **changes}))
    return folder


@pytest.mark.parametrize(
    ("zarr_format", "shards"), [(2, None), (3, None), (3, (4, 6))], ids=["2", "3", "3 with shards"]
)
def test_both_formats_are_read(tmp_path: Path, zarr_format: Literal[2, 3], shards: Any) -> None:
    """Also chunks that lie together in one file, and an array in a group, named by its own folder."""
    (tmp_path / "group.zarr").mkdir()
    for folder in (tmp_path / "x.zarr", tmp_path / "group.zarr" / "0"):
        saved(folder, zarr_format=zarr_format, shards=shards)
        read = LoadArray("path", shape=[4, None]).read(str(folder))
        assert torch.equal(torch.arange(24.0).reshape(4, 6), read)


@pytest.mark.parametrize("workers", [0, 2])
def test_rows_of_a_manifest_name_them(tmp_path: Path, workers: int) -> None:
    """Workers can read them after the process that they come from has: zarr reads in a thread, which they have not."""
    saved(tmp_path / "0.zarr")
    np.save(tmp_path / "1.npy", np.ones((4, 6)))
    (tmp_path / "manifest.csv").write_text("path,split\n0.zarr,train\n1.npy,train\n")
    LoadArray("path").read(str(tmp_path / "0.zarr"))
    data = ManifestDatamodule(
        tmp_path / "manifest.csv",
        {"x": LoadArray("path")},
        "split",
        batch_size=2,
        shuffle=False,
        num_workers=workers,
    )
    (batch,) = data.train_dataloader()
    assert [23.0, 1.0] == batch["x"][:, 3, 5].tolist()


def test_what_is_no_array_of_numbers_is_refused(tmp_path: Path) -> None:
    """A folder of other things, a group, texts, a chunk that is damaged."""
    zarr.create_group(tmp_path / "group", zarr_format=2)
    zarr.create_array(tmp_path / "texts", shape=(2,), dtype="U3", zarr_format=2)
    saved(tmp_path / "damaged")
    (tmp_path / "damaged" / "c" / "0" / "0").write_bytes(b"no")
    assert "without an array in zarr's format" in refused(tmp_path)
    assert "name the array in it, as in `x.zarr/0`" in refused(tmp_path / "group")
    assert "it holds no numbers" in refused(tmp_path / "texts")
    refused(tmp_path / "damaged")


class Canary:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("place", ["compressor", "filters"])
def test_a_codec_that_executes_what_it_reads_is_refused(tmp_path: Path, place: str) -> None:
    """Such as pickle, whatever the type of the numbers."""
    folder = saved(tmp_path / "x.zarr", zarr_format=2)
    codec: Any = {"id": "pickle"}
    changed(folder, ".zarray", **{"compressor": None, place: [codec] if place == "filters" else codec})
    for chunk in folder.glob("[0-9]*"):
        chunk.write_bytes(pickle.dumps(Canary(tmp_path / "canary")))
    assert "its codec `pickle` is not one of" in refused(folder)
    assert not (tmp_path / "canary").exists()


def test_a_codec_within_a_shard_is_looked_at(tmp_path: Path) -> None:
    """As one of the array itself."""
    folder = saved(tmp_path / "x.zarr", shards=(4, 6))
    description = json.loads((folder / "zarr.json").read_text())
    description["codecs"][0]["configuration"]["codecs"].append({"name": "numcodecs.pickle"})
    assert "its codec `numcodecs.pickle`" in refused(changed(folder, "zarr.json", **description))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": [4_000_000, 6_000_000], "chunks": [2_000_000, 3_000_000]}, "claims 48000000000000 bytes"),
        ({"shape": [400_000, 600], "chunks": [4_000, 600]}, "divide it into smaller arrays"),
        ({"shape": [400_000, 600], "chunks": [1, 1]}, "more than 10000 chunks"),
        ({"chunks": [0, 0]}, ""),
        ({"compressor": 7}, ""),
        ({"attributes": "x" * 2**20}, "more than 1048576 bytes"),
    ],
)
def test_a_description_that_lies_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    """Before there is memory for what it claims."""
    assert message in refused(changed(saved(tmp_path / "x.zarr", zarr_format=2), ".zarray", **changes))


def test_a_pipe_in_the_place_of_a_chunk_is_not_waited_for(tmp_path: Path) -> None:
    folder = saved(tmp_path / "x.zarr")
    (folder / "c" / "0" / "0").unlink()
    os.mkfifo(folder / "c" / "0" / "0")
    assert "is no regular file" in refused(folder)


def test_what_is_to_be_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    assert "`pip install 'serotiny[zarr]'`" in refused(saved(tmp_path / "x.zarr"))


def test_a_changed_chunk_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache on disk looks at all files of an array, not at its folder alone."""
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    folder = saved(tmp_path / "x.zarr")
    (tmp_path / "manifest.csv").write_text("path,split\nx.zarr,train\n")
    data = ManifestDatamodule(tmp_path / "manifest.csv", {"x": LoadArray("path", cache="disk")}, "split")

    def first() -> float:
        (batch,) = data.train_dataloader()
        return float(batch["x"][0, 0, 0])

    assert [0.0, 0.0] == [first(), first()]
    before = folder.stat().st_mtime_ns
    zarr.open_array(folder, mode="r+")[0, 0] = 9
    os.utime(folder, ns=(before, before))
    assert 9.0 == first()
