"""StreamedDatamodule."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from serotiny.datamodules import StreamedDatamodule
from serotiny.io.dataframe.loaders import LoadArray, LoadClass, LoadColumn, LoadColumns
from serotiny.manifest.errors import ManifestError

ROWS = 1000


def loaders() -> dict[str, Any]:
    return {"id": LoadColumn("id"), "x": LoadColumns(startswith="x_"), "name": LoadColumn("name")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three shards of row groups of 60 for the training, one file for the test."""
    numbers = np.arange(ROWS)
    table = pa.table(
        {
            "id": numbers,
            "x_0": numbers.astype(np.float32),
            "x_1": -numbers.astype(np.float32),
            "name": [f"n{n}" for n in numbers],
        }
    )
    (tmp_path / "train").mkdir()
    for number, (start, end) in enumerate([(0, 300), (300, 350), (350, ROWS)]):
        pq.write_table(
            table.slice(start, end - start), tmp_path / "train" / f"{number}.parquet", row_group_size=60
        )
    pq.write_table(table.slice(0, 100), tmp_path / "test.parquet", row_group_size=30)
    return tmp_path


def ids(loader: Any) -> list[int]:
    found = []
    for batch in loader:
        assert batch["x"].tolist() == [[row, -row] for row in batch["id"].tolist()]
        assert batch["name"] == [f"n{row}" for row in batch["id"].tolist()]
        found += batch["id"].tolist()
    return found


@pytest.mark.parametrize("workers", [0, 2])
def test_each_row_comes_once_in_an_order_of_seed_and_epoch(folder: Path, workers: int) -> None:
    """Two data modules of one seed agree in each epoch, whatever else draws numbers; epochs differ."""
    first, second = (
        StreamedDatamodule(folder, loaders(), batch_size=32, window_rows=150, seed=4, num_workers=workers)
        for _ in range(2)
    )
    orders = []
    for epoch in range(2):
        torch.rand(3)
        for data in (first, second):
            data.train_dataloader().sampler.set_epoch(epoch)  # type: ignore[attr-defined]
        orders.append(ids(first.train_dataloader()))
        assert orders[-1] == ids(second.train_dataloader())
        assert list(range(ROWS)) == sorted(orders[-1])
    assert orders[0] != orders[1]


def of_each_process(
    monkeypatch: pytest.MonkeyPatch, folder: Path, split: str, **options: Any
) -> list[list[Any]]:
    """The batches of each of three processes."""
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 3)
    found = []
    for rank in range(3):
        monkeypatch.setattr(torch.distributed, "get_rank", lambda rank=rank: rank)
        data = StreamedDatamodule(folder, loaders(), window_rows=150, seed=4, **options)
        found.append(list(data.train_dataloader() if split == "train" else data.test_dataloader()))
    return found


@pytest.mark.parametrize(
    "options", [{}, {"num_workers": 2}, {"shuffle": False}, {"shuffle": False, "num_workers": 2}]
)
@pytest.mark.parametrize("batch_size", [1, 32, 111, 500])
def test_processes_have_as_many_batches_and_each_row_once_between_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int, options: dict[str, Any]
) -> None:
    """Also of row groups of other sizes: in a training each process waits for the others after each step."""
    parts = of_each_process(monkeypatch, folder, "train", batch_size=batch_size, **options)
    assert list(range(ROWS)) == sorted(ids([batch for part in parts for batch in part]))
    assert 1 == len({len(part) for part in parts})
    assert all(len(batch["id"]) <= batch_size + 1 for part in parts for batch in part)


def test_processes_drop_incomplete_batches_alike(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All batches are whole, and no process has more of them."""
    parts = of_each_process(monkeypatch, folder, "train", batch_size=37, drop_last=True)
    assert [[37] * (ROWS // 3 // 37)] * 3 == [[len(batch["id"]) for batch in part] for part in parts]


def test_processes_take_turns_in_the_order_of_the_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of other data do, which predictions are put together by."""
    parts = of_each_process(monkeypatch, folder, "test", batch_size=32)
    assert [list(range(rank, 100, 3)) for rank in range(3)] == [ids(part) for part in parts]


def test_fewer_rows_than_processes_are_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has no batch would be waited for."""
    pq.write_table(pq.read_table(folder / "test.parquet").slice(0, 2), folder / "test.parquet")
    with pytest.raises(ManifestError, match="2 rows are too few for 3 processes"):
        of_each_process(monkeypatch, folder, "test")


def test_workers_share_one_row_group(tmp_path: Path, folder: Path) -> None:
    """Each has a part of it."""
    pq.write_table(pq.read_table(folder / "train"), tmp_path / "train.parquet")
    for shard in (folder / "train").iterdir():
        shard.unlink()
    data = StreamedDatamodule(tmp_path, loaders(), batch_size=500, num_workers=2)
    assert [500, 500] == [len(batch["id"]) for batch in data.train_dataloader()]


def test_rows_of_far_groups_are_mixed(folder: Path) -> None:
    """A batch holds rows of several row groups."""
    data = StreamedDatamodule(folder, loaders(), batch_size=50, window_rows=500, seed=0)
    batch = next(iter(data.train_dataloader()))
    assert 3 < len({row // 60 for row in batch["id"].tolist()})


@pytest.mark.parametrize("workers", [0, 2])
def test_other_splits_keep_their_order(folder: Path, workers: int) -> None:
    """Prediction goes through the rows as they lie in the file."""
    data = StreamedDatamodule(folder, loaders(), batch_size=32, num_workers=workers)
    assert list(range(100)) == ids(data.predict_dataloader())


def test_batches_are_whole_but_for_the_last(folder: Path) -> None:
    """Windows leave no small batches behind; `drop_last` leaves out the last one of the training."""
    for drop_last, expected in ((False, [48] * 20 + [40]), (True, [48] * 20)):
        data = StreamedDatamodule(
            folder, loaders(), batch_size=48, window_rows=100, seed=0, drop_last=drop_last
        )
        assert expected == [len(batch["id"]) for batch in data.train_dataloader()]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("options", [{}, {"drop_last": True}, {"shuffle": False}, {"batch_size": 999}])
def test_batches_are_counted_before_they_are_read(
    folder: Path, options: dict[str, Any], workers: int
) -> None:
    """As many as there are, but not as a length, which Lightning would take for exact where rows are left out."""
    data = StreamedDatamodule(folder, loaders(), **{"batch_size": 48, "num_workers": workers} | options)
    for loader in (data.train_dataloader(), data.test_dataloader()):
        batches = list(loader)
        assert loader.most_batches == len(batches)  # type: ignore[attr-defined]
        assert loader.most_rows >= sum(len(batch["id"]) for batch in batches) > 0  # type: ignore[attr-defined]
        with pytest.raises(TypeError):
            len(loader)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"x": LoadColumns(startswith="x_", normalize="standard")},
            "`loaders.x`: `normalize` and `on_missing` need all rows",
        ),
        ({"x": lambda row: row}, "`loaders.x` is a function; a stream takes loaders with `load`"),
        ({"x": LoadColumn("y")}, "loader `x`: no column `y`"),
        (
            {"y": LoadClass("name")},
            "`loaders.y`: the labels of all rows are not known in a stream; give `classes`",
        ),
    ],
)
def test_loader_that_a_stream_cannot_have_is_an_error(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    """The key is named."""
    with pytest.raises(ManifestError, match=message):
        StreamedDatamodule(folder, loaders() | changes)


def test_split_without_files_is_an_error(folder: Path) -> None:
    """When it is asked for; both forms that it may have are named."""
    with pytest.raises(ManifestError, match=r"has neither `valid\.parquet` nor a folder `valid`"):
        StreamedDatamodule(folder, loaders()).val_dataloader()


@pytest.mark.parametrize("numbers", [{"batch_size": 0}, {"window_rows": 0}, {"num_workers": -1}])
def test_number_that_is_none_is_an_error(folder: Path, numbers: dict[str, Any]) -> None:
    """The parameter is named."""
    with pytest.raises(ManifestError, match=next(iter(numbers))):
        StreamedDatamodule(folder, loaders(), **numbers)


def test_columns_of_all_shards_have_the_order_of_the_first(folder: Path) -> None:
    """A shard whose columns lie in another order gives the same vectors; `ids` compares them."""
    shard = folder / "train" / "1.parquet"
    pq.write_table(pq.read_table(shard).select(["x_1", "name", "x_0", "id"]), shard)
    assert list(range(ROWS)) == sorted(ids(StreamedDatamodule(folder, loaders()).train_dataloader()))


def test_shard_that_lacks_a_column_is_an_error(folder: Path) -> None:
    """Before anything is trained on."""
    shard = folder / "train" / "1.parquet"
    pq.write_table(pq.read_table(shard).drop_columns(["x_1"]), shard)
    with pytest.raises(ManifestError, match=r"train/1\.parquet: no column `x_1`, which 0\.parquet has"):
        StreamedDatamodule(folder, loaders())


@pytest.mark.parametrize(
    ("cells", "kind"), [([4.5], "double"), (["4"], "string"), ([True], "bool"), ([4], None), ([], None)]
)
def test_shard_with_a_column_of_another_type_is_an_error(
    tmp_path: Path, cells: list[Any], kind: str | None
) -> None:
    """Rows of one batch have one type; a `dtype` makes them so."""
    (tmp_path / "train").mkdir()
    pq.write_table(pa.table({"x": pa.array([1, 2])}), tmp_path / "train" / "0.parquet")
    pq.write_table(pa.table({"x": pa.array(cells)}), tmp_path / "train" / "1.parquet")
    given = StreamedDatamodule(tmp_path, {"x": LoadColumn("x", dtype="str")}, shuffle=False)
    assert [["1", "2", *map(str, cells)]] == [batch["x"] for batch in given.train_dataloader()]
    if kind is None:
        StreamedDatamodule(tmp_path, {"x": LoadColumn("x")})
        return
    message = (
        f"train/1.parquet: column `x` is {kind}, and int64 in train/0.parquet; give loader `x` a `dtype`"
    )
    with pytest.raises(ManifestError, match=re.escape(message)):
        StreamedDatamodule(tmp_path, {"x": LoadColumn("x")})


@pytest.mark.parametrize("lengths", [[2, 2, 3], [2, 3, 3]])
@pytest.mark.parametrize("workers", [0, 1])
def test_arrays_that_disagree_are_named_with_rows_and_paths(
    tmp_path: Path, lengths: list[int], workers: int
) -> None:
    """Also where they are in other shards, which are put together to a batch."""
    (tmp_path / "train").mkdir()
    for number, length in enumerate(lengths):
        np.save(tmp_path / "train" / f"{number}.npy", np.zeros(length))
        pq.write_table(pa.table({"path": [f"{number}.npy"]}), tmp_path / "train" / f"{number}.parquet")
    odd = lengths.index(3)
    data = StreamedDatamodule(tmp_path, {"x": LoadArray("path")}, shuffle=False, num_workers=workers)
    message = (
        f"{tmp_path}/train/{odd}.parquet: row 0 (counted from 0): loader `x`: {tmp_path}/train/{odd}.npy has the shape (3,), and "
        f"{tmp_path}/train/0.npy of row 0 (counted from 0) of 0.parquet has (2,)"
    )
    with pytest.raises(ManifestError, match=re.escape(message)):
        list(data.train_dataloader())


def test_splits_with_a_column_of_another_type_are_an_error(folder: Path) -> None:
    """As shards of a split are."""
    pq.write_table(pa.table({"name": [1, 2]}), folder / "valid.parquet")
    message = (
        "valid.parquet: column `name` is int64, and string in train/0.parquet; give loader `name` a `dtype`"
    )
    with pytest.raises(ManifestError, match=re.escape(message)):
        StreamedDatamodule(folder, {"name": LoadColumn("name")})


def test_values_that_make_no_common_batch_are_an_error(tmp_path: Path) -> None:
    """A loader of one's own may give pairs, but they cannot be gathered from several shards."""

    class Pairs:
        columns = ("y",)

        def load(self, table: Any) -> list[Any]:
            return [(cell, cell) for cell in table.column("y").to_pylist()]

    (tmp_path / "train").mkdir()
    for number in range(2):
        pq.write_table(pa.table({"y": [number]}), tmp_path / "train" / f"{number}.parquet")
    data = StreamedDatamodule(tmp_path, {"y": Pairs()}, batch_size=2)
    with pytest.raises(ManifestError, match="loader `y` gave values that cannot be put together"):
        list(data.train_dataloader())


def test_damaged_row_group_is_an_error_that_names_its_file(folder: Path) -> None:
    """The footer is whole, the rows are not."""
    shard = folder / "train" / "0.parquet"
    content = bytearray(shard.read_bytes())
    content[4:1500] = bytes(1496)
    shard.write_bytes(content)
    with pytest.raises(ManifestError, match=r"train/0\.parquet: not a readable parquet file"):
        list(StreamedDatamodule(folder, loaders()).train_dataloader())


def test_csv_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    """The command that writes parquet is named."""
    (tmp_path / "train.csv").touch()
    with pytest.raises(ManifestError, match=r"`serotiny data convert in\.csv out\.parquet`"):
        StreamedDatamodule(tmp_path, loaders())


@pytest.mark.parametrize("workers", [0, 2])
def test_rows_that_cannot_be_read_are_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    """Batches are as large as ever, all other rows come once, and the end tells which ones are missing, once."""
    np.save(tmp_path / "good.npy", np.zeros(2))
    lost = [*range(30), 77, 140]
    names = ["bad.npy" if row in lost else "../good.npy" for row in range(150)]
    (tmp_path / "train").mkdir()
    for number, rows in enumerate((range(100), range(100, 150))):
        cells = {"id": pa.array(rows), "file": [names[row] for row in rows]}
        pq.write_table(pa.table(cells), tmp_path / "train" / f"{number}.parquet", row_group_size=10)
    loaders: dict[str, Any] = {"id": LoadColumn("id"), "x": LoadArray("file", on_error="skip")}
    data = StreamedDatamodule(tmp_path, loaders, batch_size=16, window_rows=40, seed=1, num_workers=workers)

    for _ in range(2):
        batches = [batch["id"].tolist() for batch in data.train_dataloader()]
        assert sorted(set(range(150)) - set(lost)) == sorted(row for batch in batches for row in batch)
        if not workers:
            assert [16] * 7 + [6] == list(map(len, batches))
    data.teardown("fit")
    data.teardown("fit")

    told = [record.getMessage() for record in caplog.records]
    assert ["31 of 100 rows", "1 of 50 rows"] == [text.split("not read ")[1].split(",")[0] for text in told]
    assert told[1].endswith(
        "1.parquet: loader `x` could not read 1 of 50 rows, which were left out: rows 40 (counted from 0)"
    )


def test_a_fault_in_a_loading_process_is_told_as_one_of_this_process(folder: Path) -> None:
    """Without the traceback of the other process."""
    told = set()
    for workers in (0, 1):
        given = {"x": LoadClass("name", classes=["n0"])}
        with pytest.raises(ManifestError) as error:
            ids(StreamedDatamodule(folder, given, shuffle=False, num_workers=workers).train_dataloader())
        told.add(str(error.value))
    (message,) = told
    assert "loader `x`" in message
