"""Arrays that rows name, and what is kept or left out of files that rows name."""

from __future__ import annotations

import logging
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadArray, LoadColumn, LoadImage
from serotiny.io.dataframe.table import read_table
from serotiny.manifest.errors import ManifestError


def saved(folder: Path, count: int = 6, broken: tuple[int, ...] = ()) -> Path:
    """A manifest of arrays of shape (2, 3), each filled with its number."""
    lines = ["n,path,split"]
    for number in range(count):
        file = folder / f"{number}.npy"
        if number in broken:
            file.write_bytes(b"\x93NUMPY")
        else:
            np.save(file, np.full((2, 3), number, dtype=">i2"))
        lines.append(f"{number},{number}.npy,train")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder / "manifest.csv"


def batches(manifest: Path, batch_size: int = 2, workers: int = 0, **options: Any) -> list[dict[str, Any]]:
    loaders = {"n": LoadColumn("n"), "x": LoadArray("path", **options)}
    data = ManifestDatamodule(
        manifest, loaders, "split", batch_size=batch_size, shuffle=False, num_workers=workers
    )
    found = list(data.train_dataloader())
    data.teardown("fit")
    return found


def test_arrays_are_stacked_in_their_type(tmp_path: Path) -> None:
    """Whatever byte order they are stored in; float32 unless something else is asked for."""
    manifest = saved(tmp_path, 2)
    (batch,) = batches(manifest)
    assert (torch.float32, (2, 2, 3)) == (batch["x"].dtype, tuple(batch["x"].shape))
    assert [0.0, 1.0] == batch["x"][:, 0, 0].tolist()
    assert torch.int16 == batches(manifest, dtype=None)[0]["x"].dtype


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((4, 3)), r"has the shape \(4, 3\); `shape` wants \(2, None\)"),
        (np.array(["a"]), "holds no array of numbers"),
        (np.array([{}], dtype=object), "cannot be read: Object arrays cannot be loaded"),
    ],
)
def test_what_cannot_be_loaded_is_named_with_row_and_path(tmp_path: Path, content: Any, message: str) -> None:
    """Another shape, no numbers, a pickle, which is never read."""
    manifest = saved(tmp_path)
    np.save(tmp_path / "3.npy", content, allow_pickle=True)
    with pytest.raises(
        ManifestError, match=rf"line 5: loader `x`: array {re.escape(str(tmp_path))}/3\.npy {message}"
    ):
        batches(manifest, shape=[2, None])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"])
def test_file_of_another_format_is_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    """Of nothing, an archive of arrays or an image; nobody is told how to load it as a pickle."""
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(ManifestError, match=r"x\.npy cannot be read: it is no `\.npy` file$"):
        LoadArray("file").read(str(tmp_path / "x.npy"))


def test_arrays_that_disagree_are_named_with_rows_and_paths(tmp_path: Path) -> None:
    """Of the rows of the file, of which others are left out."""
    manifest = saved(tmp_path, broken=(0, 2))
    np.save(tmp_path / "5.npy", np.zeros((4, 3)))
    message = (
        f"{manifest}: line 7: loader `x`: {tmp_path}/5.npy has the shape (4, 3), and {tmp_path}/1.npy of line 3 of "
        "manifest.csv has (2, 3); rows of a batch have one shape"
    )
    with pytest.raises(ManifestError, match=re.escape(message)):
        batches(manifest, batch_size=6, on_error="skip")


@pytest.mark.parametrize("shape", ["(1000000000000,)", "[" * 5_000])
def test_an_array_whose_header_lies_is_an_error_that_names_it(tmp_path: Path, shape: str) -> None:
    """One with more numbers than there is memory for, and one that is nested without end."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode("latin-1")
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(ManifestError, match=r"x\.npy cannot be read"):
        LoadArray("file").read(str(tmp_path / "x.npy"))


@pytest.mark.parametrize("loader", [LoadArray("file"), LoadImage("file")])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, loader: Any) -> None:
    """A pipe that nobody writes to never ends."""
    os.mkfifo(tmp_path / "x.npy")
    with pytest.raises(ManifestError, match="is no regular file"):
        loader.read(str(tmp_path / "x.npy"))


@pytest.mark.parametrize("workers", [0, 2])
def test_rows_that_cannot_be_read_are_left_out_and_counted(
    tmp_path: Path, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The other rows of the batch stay, in all of its entries; at the end it is said which ones are missing."""
    manifest = saved(tmp_path, broken=(1, 4))
    with caplog.at_level(logging.WARNING):
        found = batches(manifest, on_error="skip", workers=workers)

    assert [[0], [2, 3], [5]] == [batch["n"].tolist() for batch in found]
    assert [[0.0], [2.0, 3.0], [5.0]] == [batch["x"][:, 0, 0].tolist() for batch in found]
    assert "loader `x` could not read 2 of 6 rows, which were left out: lines 3, 6" in caplog.text


def test_a_batch_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    """There is no batch without rows."""
    with pytest.raises(ManifestError, match="of 2 rows of a batch, none can be read"):
        batches(saved(tmp_path, broken=(2, 3)), on_error="skip")


def counted_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read from now on."""
    reads: list[str] = []
    read = LoadArray.read

    def counting(self: LoadArray, path: str) -> torch.Tensor:
        reads.append(path)
        return read(self, path)

    monkeypatch.setattr(LoadArray, "read", counting)
    return reads


@pytest.mark.parametrize(
    ("values", "dtype", "message"),
    [
        (np.array([300]), "uint8", "holds 300, which is no uint8"),
        (np.array([1.0, np.nan]), "int64", "holds nan, which is no int64"),
        (np.array([1e30, np.inf]), "float16", r"holds 1e\+30, which is no float16"),
        (np.ones(2, np.longdouble), None, "which torch does not have; give `dtype`"),
    ],
)
def test_number_that_a_type_does_not_hold_is_an_error(
    tmp_path: Path, values: Any, dtype: Any, message: str
) -> None:
    """As in a column: nothing becomes another number in silence."""
    np.save(tmp_path / "x.npy", values)
    with pytest.raises(ManifestError, match=message):
        LoadArray("path", dtype=dtype).read(str(tmp_path / "x.npy"))


def test_single_number_has_no_sides(tmp_path: Path) -> None:
    """An array has the shape that it has, in its byte order or not, row by row or column by column."""
    np.save(tmp_path / "x.npy", np.array(3, ">i2"))
    assert () == LoadArray("path", shape=[]).read(str(tmp_path / "x.npy")).shape
    np.save(tmp_path / "x.npy", np.asfortranarray(np.arange(6).reshape(2, 3)))
    assert [[0, 1, 2], [3, 4, 5]] == LoadArray("path").read(str(tmp_path / "x.npy")).tolist()


def test_workers_that_keep_files_in_memory_stay(tmp_path: Path) -> None:
    """They would end after each epoch, and what they keep with them."""
    for cache, stays in (("memory", True), ("disk", False)):
        loaders = {"x": LoadArray("path", cache=cache)}  # type: ignore[arg-type]  # of the loop
        data = ManifestDatamodule(saved(tmp_path), loaders, "split", num_workers=1)
        assert stays is data.train_dataloader().persistent_workers


def test_cache_on_disk_is_bounded_for_all_that_fill_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that take turns do not each fill a whole one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    arrays = tmp_path / "arrays"
    arrays.mkdir()
    for number in range(40):
        np.save(arrays / f"{number}.npy", np.zeros(12_500, np.float64))
    (arrays / "m.csv").write_text("path\n" + "\n".join(f"{number}.npy" for number in range(40)))
    table = read_table(arrays / "m.csv")
    one, other = (LoadArray("path", dtype=None, cache="disk", cache_mib=1).load(table) for _ in range(2))
    for number in range(0, 40, 2):
        assert 12_500 == len(one[number]) == len(other[number + 1])
    (folder,) = tmp_path.glob("serotiny-decoded-*")
    assert 500_000 < sum(file.stat().st_size for file in folder.iterdir()) <= 1 << 20


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_what_is_kept_is_not_read_again(tmp_path: Path, cache: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time the values are those of the first, also where a batch was changed; a changed file is read anew."""
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    manifest = saved(tmp_path, 2)
    loaders = {"x": LoadArray("path", cache=cache)}
    data = ManifestDatamodule(manifest, loaders, "split", batch_size=2, shuffle=False)
    reads = counted_reads(monkeypatch)

    for _ in range(2):
        (batch,) = data.train_dataloader()
        assert [0.0, 1.0] == batch["x"][:, 0, 0].tolist()
        batch["x"] += 100
    assert 2 == len(reads)

    if cache == "disk":
        np.save(tmp_path / "1.npy", np.full((4, 3), 9))
        np.save(tmp_path / "0.npy", np.full((4, 3), 8))
        (batch,) = data.train_dataloader()
        assert [8.0, 9.0] == batch["x"][:, 0, 0].tolist()
        time = (tmp_path / "0.npy").stat().st_mtime_ns
        np.save(tmp_path / "0.npy", np.full((4, 3), 7))
        os.utime(tmp_path / "0.npy", ns=(time, time))
        (batch,) = data.train_dataloader()
        assert [7.0, 9.0] == batch["x"][:, 0, 0].tolist()


def test_a_folder_of_somebody_elses_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in its place, such as a link, is neither read nor written."""
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (temporary / f"serotiny-decoded-{os.getuid()}").symlink_to(elsewhere)
    assert 1 == len(batches(saved(tmp_path, 2), cache="disk"))
    assert [] == list(elsewhere.iterdir())


def test_what_does_not_fit_the_cache_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache has a size, and is none for what is larger."""
    np.save(tmp_path / "0.npy", np.zeros(2**19, dtype=np.float32))
    (tmp_path / "manifest.csv").write_text("path,split\n0.npy,train\n0.npy,train\n")
    loader = LoadArray("path", cache="memory", cache_mib=1)
    data = ManifestDatamodule(tmp_path / "manifest.csv", {"x": loader}, "split", shuffle=False)
    reads = counted_reads(monkeypatch)
    assert 2 == len(list(data.train_dataloader()))
    assert 2 == len(reads)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cache": "ram"}, "`cache` is `ram`"),
        ({"cache_mib": 0}, "`cache_mib` is 0"),
        ({"on_error": "ignore"}, "`on_error` is `ignore`"),
    ],
)
def test_words_that_mean_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    """When the loader is made."""
    with pytest.raises(ManifestError, match=message):
        LoadArray("path", **options)
