"""ManifestDatamodule on good manifests."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from serotiny.datamodules import ManifestDatamodule
from serotiny.datamodules.rows import collate_rows
from serotiny.io.dataframe.loaders import LoadArray, LoadClass, LoadColumn, LoadColumns, LoadImage
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import Split

FRAME = pd.DataFrame(
    {
        "id": range(10),
        "split": ["train"] * 6 + ["valid"] * 2 + ["test"] * 2,
        "label": list("abcabcabcc"),
        "x_0": np.linspace(0, 1, 10),
        "x_1": range(10),
    }
)


def loaders() -> dict[str, Any]:
    return {"id": LoadColumn("id"), "x": LoadColumns(startswith="x_"), "y": LoadClass("label")}


def write(folder: Path, frame: pd.DataFrame = FRAME, suffix: str = "csv") -> Path:
    path = folder / f"m.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path, index=False)
    return path


def ids(dataloader: DataLoader[dict[str, Any]]) -> list[int]:
    return [row for batch in dataloader for row in batch["id"].tolist()]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_batches_are_dictionaries_of_tensors(tmp_path: Path, suffix: str) -> None:
    """Each key holds what its loader makes of the rows, stacked."""
    data = ManifestDatamodule(write(tmp_path, suffix=suffix), loaders(), "split", batch_size=2)
    batch = next(iter(data.val_dataloader()))
    assert {"id", "x", "y"} == set(batch)
    assert [6, 7] == batch["id"].tolist()
    assert (torch.float32, (2, 2)) == (batch["x"].dtype, tuple(batch["x"].shape))
    assert (torch.int64, [0, 1]) == (batch["y"].dtype, batch["y"].tolist())


def test_csv_and_parquet_give_equal_batches(tmp_path: Path) -> None:
    """The format changes nothing."""
    csv, parquet = (
        ManifestDatamodule(write(tmp_path, suffix=suffix), loaders(), "split", batch_size=4, seed=1)
        for suffix in ("csv", "parquet")
    )
    for left, right in zip(csv.train_dataloader(), parquet.train_dataloader(), strict=True):
        for key in ("id", "x", "y"):
            assert torch.equal(left[key], right[key])


def test_splits_hold_their_rows(tmp_path: Path) -> None:
    """The training is shuffled; the others keep the manifest's order; prediction is on the test rows."""
    data = ManifestDatamodule(str(write(tmp_path)), loaders(), "split", batch_size=4)
    assert set(range(6)) == set(ids(data.train_dataloader()))
    assert [6, 7] == ids(data.val_dataloader())
    assert [8, 9] == ids(data.test_dataloader())
    assert [8, 9] == ids(data.predict_dataloader())


def test_folder_with_a_file_for_each_split_is_a_manifest(tmp_path: Path) -> None:
    """CSV or parquet, each with its own rows; classes are those of all files."""
    FRAME[:6].to_csv(tmp_path / "train.csv", index=False)
    FRAME[6:8].to_parquet(tmp_path / "valid.parquet", index=False)
    FRAME[9:].to_csv(tmp_path / "test.csv", index=False)
    data = ManifestDatamodule(tmp_path, loaders())
    assert set(range(6)) == set(ids(data.train_dataloader()))
    assert [6, 7] == ids(data.val_dataloader())
    assert [2] == [int(batch["y"]) for batch in data.test_dataloader()]


@pytest.mark.parametrize(
    ("values", "split_map"),
    [
        ({"train": "fit", "valid": "tune", "test": "held out"}, None),
        ({"train": 0, "valid": 1, "test": 2}, None),
        ({"train": 0, "valid": 1, "test": 2}, {"0": "train", "1": "valid", "2": "test"}),
    ],
)
def test_split_map_gives_other_values_a_meaning(tmp_path: Path, values: Any, split_map: Any) -> None:
    """Values are compared as text: YAML and CSV do not agree on what is a number."""
    frame = FRAME.assign(split=FRAME["split"].map(values))
    split_map = split_map or {value: split for split, value in values.items()}
    data = ManifestDatamodule(write(tmp_path, frame), loaders(), "split", split_map=split_map)
    assert [6, 7] == ids(data.val_dataloader())


def test_loaders_may_differ_between_splits(tmp_path: Path) -> None:
    """A split has its own keys; the classes are still those of all rows."""
    per_split: Any = {"train": loaders(), "valid": loaders(), "test": {"id": LoadColumn("id")}}
    data = ManifestDatamodule(write(tmp_path), per_split, "split")
    assert {"id", "x", "y"} == set(next(iter(data.train_dataloader())))
    assert {"id"} == set(next(iter(data.test_dataloader())))
    assert [0, 1] == [int(batch["y"]) for batch in data.val_dataloader()]


def test_key_named_like_a_split_is_a_key(tmp_path: Path) -> None:
    """A loader is told from a mapping of loaders by what it is, not by its name."""
    data = ManifestDatamodule(write(tmp_path), {"train": LoadColumn("x_1"), "id": LoadColumn("id")}, "split")
    assert {"train", "id"} == set(next(iter(data.test_dataloader())))


def test_split_without_loaders_is_not_needed(tmp_path: Path) -> None:
    """Who has no test rows leaves the test out of the loaders."""
    per_split: Any = {"train": loaders(), "valid": loaders()}
    data = ManifestDatamodule(write(tmp_path, FRAME[:8]), per_split, "split")
    assert [6, 7] == ids(data.val_dataloader())


@pytest.mark.parametrize("with_splits", [True, False])
def test_just_inference_takes_all_rows_in_order(tmp_path: Path, with_splits: bool) -> None:
    """The split does not matter, nor that there is one."""
    frame = FRAME if with_splits else FRAME.drop(columns="split")
    data = ManifestDatamodule(
        write(tmp_path, frame), loaders(), "split" if with_splits else None, just_inference=True, batch_size=3
    )
    assert list(range(10)) == ids(data.predict_dataloader())
    assert list(range(10)) == ids(data.test_dataloader())


def test_just_inference_takes_what_files_a_folder_has(tmp_path: Path) -> None:
    """All rows of all splits that are there."""
    FRAME[:6].to_csv(tmp_path / "train.csv", index=False)
    FRAME[6:].to_csv(tmp_path / "test.csv", index=False)
    data = ManifestDatamodule(tmp_path, loaders(), just_inference=True, batch_size=4)
    assert list(range(10)) == ids(data.predict_dataloader())


def test_columns_limit_what_is_read(tmp_path: Path) -> None:
    """The split column need not be among them; what is not read cannot be selected."""
    selected = {"x": LoadColumns(contains="_"), "id": LoadColumn("id")}
    data = ManifestDatamodule(write(tmp_path), selected, "split", columns=["id", "x_1"])
    assert (1, 1) == tuple(next(iter(data.test_dataloader()))["x"].shape)


def test_any_callable_of_a_row_is_a_loader(tmp_path: Path) -> None:
    """It gets the row with its number in the file as name."""
    own: dict[str, Any] = {
        "id": LoadColumn("id"),
        "sum": lambda row: row["x_0"] + row["x_1"],
        "row": lambda row: row.name,
    }
    data = ManifestDatamodule(write(tmp_path), own, "split", batch_size=2)
    batch = next(iter(data.test_dataloader()))
    assert [8, 9] == batch["row"].tolist()
    assert pytest.approx([8 + 8 / 9, 10.0]) == batch["sum"].tolist()


def test_text_columns_become_lists(tmp_path: Path) -> None:
    """A batch holds strings as they are."""
    data = ManifestDatamodule(write(tmp_path), {"label": LoadColumn("label")}, "split", batch_size=2)
    assert ["c", "c"] == next(iter(data.test_dataloader()))["label"]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_images_are_read_beside_the_manifest(tmp_path: Path, num_workers: int) -> None:
    """Relative paths start from the manifest's folder; workers read as the main process does."""
    for row in range(10):
        Image.fromarray(np.full((2, 3), row, dtype=np.uint8)).save(tmp_path / f"{row}.png")
    frame = FRAME.assign(path=[f"{row}.png" for row in range(10)])
    own = {"image": LoadImage("path"), "id": LoadColumn("id")}
    data = ManifestDatamodule(
        write(tmp_path, frame), own, "split", batch_size=3, num_workers=num_workers, seed=0
    )
    for batch in data.train_dataloader():
        assert (1, 2, 3) == tuple(batch["image"].shape[1:])
        assert batch["id"].tolist() == batch["image"][:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    "options",
    [{}, {"scale": True}, {"dtype": "float16", "scale": True}, {"size": [2, 2]}, {"transform": torch.square}],
)
def test_images_of_bytes_come_from_workers_as_from_the_main_process(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    """Workers pass them on as bytes; values and dtype of a batch are the same, also beside images of 16 bits."""
    for row in range(10):
        dtype = np.uint16 if row == 9 else np.uint8
        Image.fromarray(np.arange(6, dtype=dtype).reshape(2, 3) * (row + 1)).save(tmp_path / f"{row}.png")
    manifest = write(tmp_path, FRAME.assign(path=[f"{row}.png" for row in range(10)]))
    found = []
    for num_workers in (0, 1):
        data = ManifestDatamodule(
            manifest,
            {"image": LoadImage("path", **options)},
            "split",
            batch_size=2,
            num_workers=num_workers,
            shuffle=False,
        )
        batches = [batch["image"] for batch in (*data.train_dataloader(), *data.test_dataloader())]
        found.append([(images.dtype, images.tolist()) for images in batches])

    assert found[0] == found[1]


def test_image_is_not_opened_before_its_row_is_asked_for(tmp_path: Path) -> None:
    """A data set of images is not read into memory."""
    frame = FRAME.assign(path="nowhere.png")
    ManifestDatamodule(write(tmp_path, frame), {"image": LoadImage("path")}, "split")


def test_shuffling_follows_seed_and_epoch(tmp_path: Path) -> None:
    """Two data modules of one seed show the same order, whatever else drew random numbers."""
    first, second = (
        ManifestDatamodule(write(tmp_path), loaders(), "split", batch_size=2, seed=3) for _ in range(2)
    )
    torch.rand(5)
    orders = []
    for epoch in range(4):
        for data in (first, second):
            data.train_dataloader().sampler.set_epoch(epoch)  # type: ignore[attr-defined]
        orders.append(ids(first.train_dataloader()))
        assert orders[-1] == ids(second.train_dataloader())
    assert len({tuple(order) for order in orders}) > 1


def test_seed_defaults_to_that_of_torch(tmp_path: Path) -> None:
    """`seed_everything` is enough."""
    orders = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        orders.append(ids(ManifestDatamodule(write(tmp_path), loaders(), "split").train_dataloader()))
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


def test_shuffle_can_be_turned_off(tmp_path: Path) -> None:
    """The training then has the manifest's order."""
    data = ManifestDatamodule(write(tmp_path), loaders(), "split", shuffle=False)
    assert list(range(6)) == ids(data.train_dataloader())


def test_incomplete_batch_is_dropped_in_training_only(tmp_path: Path) -> None:
    """Every row is tested and predicted."""
    data = ManifestDatamodule(write(tmp_path), loaders(), "split", batch_size=4, drop_last=True)
    assert 4 == len(ids(data.train_dataloader()))
    assert [6, 7] == ids(data.val_dataloader())


def test_dataloader_arguments_reach_every_dataloader(tmp_path: Path) -> None:
    """What the config says of loading holds for all splits."""
    data = ManifestDatamodule(write(tmp_path), loaders(), "split", batch_size=4, num_workers=1)
    for dataloader in (data.train_dataloader(), data.val_dataloader(), data.test_dataloader()):
        assert (4, 1) == (dataloader.batch_size, dataloader.num_workers)


def test_collate_function_of_ones_own_gets_the_rows(tmp_path: Path) -> None:
    """It replaces ours for all splits."""
    data = ManifestDatamodule(
        write(tmp_path),
        loaders(),
        "split",
        batch_size=2,
        collate_fn=lambda rows: {"id": torch.stack([row["id"] for row in rows])},
    )
    assert {"id"} == set(next(iter(data.train_dataloader())))
    assert [8, 9] == ids(data.test_dataloader())


def test_whole_batches_are_those_of_torch(tmp_path: Path) -> None:
    """Gathered at once or through torch's own loader, in the process or by workers: the same rows, the same draws."""
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"num_workers": 2},
        {"collate_fn": lambda rows: collate_rows([*rows])},
    )
    found = []
    for options in ways:
        torch.manual_seed(1)
        data = ManifestDatamodule(write(tmp_path), loaders(), "split", batch_size=4, seed=2, **options)
        found.append(([batch["x"].tolist() for batch in data.train_dataloader()], torch.rand(1).item()))
    assert [found[0]] * 3 == found


@pytest.mark.parametrize(("batch_size", "drop_last"), [(32, False), (32, True), (33, False), (50_000, True)])
def test_batches_that_are_gathered_at_once_are_those_of_torch(
    tmp_path: Path, batch_size: int, drop_last: bool
) -> None:
    """Whether several batches are gathered at once or each for itself by torch's own loader, they are equal."""
    path = tmp_path / "table.csv"
    path.write_text("x_0,x_1,split\n" + "".join(f"{row},{-row},train\n" for row in range(2_000)))
    found = []
    ways: tuple[dict[str, Any], ...] = ({}, {"collate_fn": lambda rows: collate_rows([*rows])})
    for options in ways:
        data = ManifestDatamodule(
            path,
            {"x": LoadColumns(startswith="x_"), "whole": LoadColumn("x_0", "int64")},
            "split",
            batch_size=batch_size,
            drop_last=drop_last,
            seed=2,
            **options,
        )
        found.append(
            [{key: value.tolist() for key, value in batch.items()} for batch in data.train_dataloader()]
        )
    assert found[1] == found[0]


def test_batches_that_are_gathered_at_once_know_nothing_of_one_another(tmp_path: Path) -> None:
    """A batch can be changed while another one waits for its gradient, and has memory of its own size."""
    path = tmp_path / "table.csv"
    path.write_text("x_0,x_1,split\n" + "".join(f"{row},{-row},train\n" for row in range(64)))
    data = ManifestDatamodule(path, {"x": LoadColumns(startswith="x_")}, "split", batch_size=32, seed=2)
    first, second = (batch["x"] for batch in data.train_dataloader())
    weight = torch.ones(2, requires_grad=True)
    loss = (first * weight).sum()
    second += 1
    loss.backward()
    assert first.sum(dim=0).tolist() == weight.grad.tolist()  # type: ignore[union-attr]  # after `backward` there is one
    assert 32 * 2 * 4 == second.untyped_storage().nbytes()


def test_batch_belongs_to_who_asked_for_it(tmp_path: Path) -> None:
    """A model that changes a batch in place changes no data."""
    data = ManifestDatamodule(write(tmp_path), loaders(), "split", batch_size=4)
    for _ in range(2):
        batch = next(iter(data.val_dataloader()))
        assert [[pytest.approx(2 / 3), 6.0], [pytest.approx(7 / 9), 7.0]] == batch["x"].tolist()
        batch["x"].zero_()


class Product:
    """A columnar loader of one's own."""

    columns: ClassVar[tuple[str, ...]] = ("x_0", "{other}")

    def __init__(self, other: str) -> None:
        self.other = other

    def load(self, table: Table) -> torch.Tensor:
        return torch.tensor(table.column("x_0").to_pylist()) * torch.tensor(
            table.column(self.other).to_pylist()
        )


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columnar_loader_of_ones_own_gets_the_columns_that_it_names(tmp_path: Path, suffix: str) -> None:
    """No other column is read."""
    data = ManifestDatamodule(write(tmp_path, suffix=suffix), {"x": Product("x_1")}, "split", batch_size=4)
    assert [pytest.approx(8 * 8 / 9), 9.0] == next(iter(data.test_dataloader()))["x"].tolist()

    class Sly(Product):
        columns: ClassVar = ("x_0",)

    with pytest.raises(
        ManifestError, match="column `x_1` was not read: the class of the loader has to name it"
    ):
        ManifestDatamodule(write(tmp_path, suffix=suffix), {"x": Sly("x_1")}, "split")


def test_rows_are_divided_by_shares(tmp_path: Path) -> None:
    """Every row is in one split, the same for CSV and parquet."""
    shares: Any = {"train": 0.5, "valid": 0.3, "test": 0.2}
    found = []
    for suffix in ("csv", "parquet"):
        data = ManifestDatamodule(
            write(tmp_path, suffix=suffix), loaders(), split=shares, split_id="id", stratify="label"
        )
        found.append(
            [
                sorted(ids(each))
                for each in (data.train_dataloader(), data.val_dataloader(), data.test_dataloader())
            ]
        )
    assert found[0] == found[1]
    assert list(range(10)) == sorted(row for rows in found[0] for row in rows)


def test_balanced_training_shows_each_class_as_often(tmp_path: Path) -> None:
    """Rows are drawn with replacement, by seed and epoch; the other splits are as they are."""
    frame = pd.DataFrame(
        {"id": range(1000), "split": ["train"] * 990 + ["valid"] * 10, "label": ["a"] * 900 + ["b"] * 100}
    )
    own = {"id": LoadColumn("id"), "y": LoadClass("label")}
    data = ManifestDatamodule(write(tmp_path, frame), own, "split", balanced="label", seed=0, batch_size=50)
    drawn = torch.cat([batch["y"] for batch in data.train_dataloader()])
    assert 990 == len(drawn)
    assert 0.45 < drawn.double().mean() < 0.55
    assert ids(data.train_dataloader()) == ids(data.train_dataloader())
    assert list(range(990, 1000)) == ids(data.val_dataloader())


def test_balanced_training_with_row_without_class_is_error(tmp_path: Path) -> None:
    """One such row of many would be drawn as often as all rows of a class; in another split, or dropped, it does no harm."""
    frame = FRAME.assign(kind=["a", "b"] * (len(FRAME) // 2), x_0=FRAME["x_0"].mask(FRAME["id"] == 1))
    loaders = {"id": LoadColumn("id"), "x": LoadColumns(startswith="x_", on_missing="drop")}

    def drawn(*missing: int) -> set[int]:
        path = write(tmp_path, frame.assign(kind=frame["kind"].mask(frame["id"].isin(missing))))
        return set(ids(ManifestDatamodule(path, loaders, "split", balanced="kind").train_dataloader()))

    with pytest.raises(ManifestError, match=r"column `kind` has no value in line 5"):
        drawn(3)
    assert 1 not in drawn(1, 9)


def test_incomplete_rows_are_dropped_from_all_splits(tmp_path: Path) -> None:
    """With every key of theirs."""
    frame = FRAME.assign(x_0=FRAME["x_0"].mask(FRAME["id"].isin([0, 8])))
    own = {"id": LoadColumn("id"), "x": LoadColumns(startswith="x_", on_missing="drop")}
    data = ManifestDatamodule(write(tmp_path, frame), own, "split")
    assert set(range(1, 6)) == set(ids(data.train_dataloader()))
    assert [9] == ids(data.predict_dataloader())


def test_statistics_of_the_training_go_with_the_checkpoint(tmp_path: Path) -> None:
    """Predictions on other data are made with the scale of the training, not with their own."""
    own = {"x": LoadColumns(startswith="x_", normalize="standard")}
    trained = ManifestDatamodule(write(tmp_path), own, "split", batch_size=6)
    x = next(iter(trained.train_dataloader()))["x"]
    torch.testing.assert_close(torch.zeros(2), x.mean(0))
    state = trained.state_dict()

    other = ManifestDatamodule(write(tmp_path), own, just_inference=True, batch_size=10)
    with pytest.raises(
        ManifestError, match="loader `x`: what its values are scaled by follows from the rows"
    ):
        other.predict_dataloader()
    other.load_state_dict(state)
    scaled = next(iter(other.predict_dataloader()))["x"]
    assert next(iter(trained.test_dataloader()))["x"].tolist() == scaled[8:].tolist()

    state["statistics"]["x"] = {name: value * 2 for name, value in state["statistics"]["x"].items()}
    other.load_state_dict(state)
    again = next(iter(other.predict_dataloader()))["x"]
    assert (
        torch.tensor(FRAME[["x_0", "x_1"]].to_numpy()).float()[0] - state["statistics"]["x"]["center"]
    ).div(state["statistics"]["x"]["scale"]).float().tolist() == again[0].tolist()


def folder_of_orders(folder: Path) -> Path:
    """A training file, and a validation file whose columns are in another order."""
    FRAME[:6].to_csv(folder / "train.csv", index=False)
    FRAME[6:][["x_1", "label", "x_0", "id"]].to_csv(folder / "valid.csv", index=False)
    return folder


def test_columns_have_the_order_of_the_first_file(tmp_path: Path) -> None:
    """Those of the validation are not swapped because its file was written otherwise."""
    data = ManifestDatamodule(folder_of_orders(tmp_path), loaders(), batch_size=4)
    x = next(iter(data.val_dataloader()))["x"]
    assert torch.tensor(FRAME[["x_0", "x_1"]].to_numpy()[6:]).float().tolist() == x.tolist()


def test_files_that_differ_in_the_selected_columns_are_an_error(tmp_path: Path) -> None:
    """The column and the file are named."""
    folder_of_orders(tmp_path)
    FRAME[6:].assign(x_2=1).to_csv(tmp_path / "valid.csv", index=False)
    with pytest.raises(
        ManifestError, match=r"column `x_2` is in valid\.csv, and not in the manifest's first file"
    ):
        ManifestDatamodule(tmp_path, loaders())
    own: dict[Split, dict[str, Any]] = {"train": loaders(), "valid": loaders()}
    assert (1, 3) == next(iter(ManifestDatamodule(tmp_path, own).val_dataloader()))["x"].shape


def test_order_of_columns_goes_with_the_checkpoint(tmp_path: Path) -> None:
    """Predictions on a file that was written otherwise get the vectors that the model was trained with."""
    for normalize in (None, "standard"):
        own = {"id": LoadColumn("id"), "x": LoadColumns(startswith="x_", normalize=normalize)}
        state = ManifestDatamodule(write(tmp_path), own, "split").state_dict()
        there = ManifestDatamodule(write(tmp_path), own, just_inference=True, batch_size=10)
        there.load_state_dict(state)
        turned = write(tmp_path, FRAME[FRAME.columns[::-1]])
        other = ManifestDatamodule(turned, own, just_inference=True, batch_size=10)
        other.load_state_dict(state)
        expected, found = (next(iter(data.predict_dataloader()))["x"] for data in (there, other))
        assert expected.tolist() == found.tolist()


def test_transform_that_changes_the_number_of_rows_is_an_error(tmp_path: Path) -> None:
    """Rows of the batch would no longer belong together."""
    own = {"x": LoadColumns(["x_1"], transform=lambda x: x[:1])}
    data = ManifestDatamodule(write(tmp_path), own, "split", batch_size=2)
    with pytest.raises(ManifestError, match="transform of loader `x` gave 1 row for 2"):
        next(iter(data.test_dataloader()))


def test_labels_of_different_kinds_are_an_error(tmp_path: Path) -> None:
    """Texts and numbers have no common order."""
    FRAME[:6].to_csv(tmp_path / "train.csv", index=False)
    FRAME[6:].assign(label=1).to_csv(tmp_path / "valid.csv", index=False)
    with pytest.raises(
        ManifestError,
        match=r"column `label` holds int in valid\.csv and str in train\.csv|str in train\.csv and int in valid\.csv",
    ):
        ManifestDatamodule(tmp_path, loaders())


def test_batches_have_a_size(tmp_path: Path) -> None:
    """Torch's null, for rows one by one, makes no batch."""
    with pytest.raises(ManifestError, match="`batch_size` is null"):
        ManifestDatamodule(write(tmp_path), loaders(), "split", batch_size=None)


def test_transform_is_applied_to_each_batch(tmp_path: Path) -> None:
    """To all of its rows at once, in each epoch anew."""
    seen: list[tuple[int, ...]] = []

    def transform(x: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(x.shape))
        return x + 1

    own = {"x": LoadColumns(["x_1"], transform=transform)}
    data = ManifestDatamodule(write(tmp_path), own, "split", batch_size=2)
    assert [[9.0], [10.0]] == next(iter(data.test_dataloader()))["x"].tolist()
    assert [(2, 1)] == seen


def test_workers_are_counted_where_rows_are_made_one_by_one(tmp_path: Path) -> None:
    """`auto` takes none for what is in memory."""
    in_memory = ManifestDatamodule(write(tmp_path), loaders(), "split", num_workers="auto")
    assert 0 == in_memory.train_dataloader().num_workers
    own: dict[str, Any] = {"persistent_workers": True, "prefetch_factor": 4}
    assert 0 == (
        ManifestDatamodule(write(tmp_path), loaders(), "split", num_workers="auto", **own)
        .train_dataloader()
        .num_workers
    )
    by_row = ManifestDatamodule(write(tmp_path), {"x": lambda row: row["x_0"]}, "split", num_workers="auto")
    assert 0 < by_row.train_dataloader().num_workers <= 8


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_numbers_and_classes_are_loaded_without_what_they_do_not_need(tmp_path: Path, suffix: str) -> None:
    """Pandas is for loaders of single rows, tifffile for images: a start does not wait for them."""
    frame = FRAME.assign(x_1=[float("nan"), *range(9)], flag=[True, False] * 5)
    path = write(tmp_path, frame, suffix)
    code = f"""
import sys
from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadClass, LoadColumn, LoadColumns
loaders = {{
    "id": LoadColumn("id"), "x": LoadColumns(startswith="x_", on_missing="fill"), "y": LoadClass("label"),
    "flag": LoadColumn("flag"), "text": LoadColumn("label"),
}}
for options in ({{"split_column": "split"}}, {{"split": {{"train": 0.5, "test": 0.5}}, "split_id": "id"}}):
    data = ManifestDatamodule({str(path)!r}, loaders, balanced="label", **options)
    next(iter(data.train_dataloader()))
print({{"pandas", "tifffile"}} & sys.modules.keys())
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "set()" == ran.stdout.strip()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("0.5", 0.5), ("", float("nan")), ("inf", float("inf")), ("1e+300", None), ("many", None)],
)
def test_csv_is_read_as_matrices_where_its_cells_fit(
    tmp_path: Path, cell: str, expected: float | None
) -> None:
    """What a matrix cannot hold is told as of any other column; what it can comes once for each loader."""
    rows = [f"{number},train,{number}.25,{number}" for number in range(60_000)]
    rows[50_000] = f"50000,train,{cell},1"
    (tmp_path / "m.csv").write_text("\n".join(["id,split,x_0,x_1", *rows, ""]))
    load = partial(LoadColumns, startswith="x_", on_missing="fill", fill_value=float("nan"))
    make = partial(
        ManifestDatamodule, tmp_path / "m.csv", split_column="split", batch_size=60_000, shuffle=False
    )
    if expected is None:
        with pytest.raises(ManifestError, match=re.escape(f"column `x_0` holds `{cell}")):
            make(loaders={"x": load()})
        return
    for loaders in (
        {"x": load()},
        {"x": load(), "y": LoadColumns(["x_0", "x_1"], dtype="float64", on_missing="drop")},
    ):
        x = next(iter(make(loaders=loaders).train_dataloader()))["x"]
        found = x[x[:, 0] != torch.arange(len(x)) + 0.25] if len(x) == 60_000 else x[:0]
        assert len(found) == 0 or torch.allclose(torch.tensor([[expected, 1.0]]), found, equal_nan=True)
        assert [59_999.25, 59_999.0] == x[-1].tolist()


def test_text_of_a_cell_is_as_it_is_written(tmp_path: Path) -> None:
    """Not that of the number which it may be."""
    (tmp_path / "m.csv").write_text("id,split\n007,train\n1.50,train\ntrue,train\n")
    data = ManifestDatamodule(
        tmp_path / "m.csv", {"id": LoadColumn("id", "str")}, "split", batch_size=3, shuffle=False
    )
    (batch,) = data.train_dataloader()
    assert ["007", "1.50", "true"] == batch["id"]


@pytest.mark.parametrize("quoted", ["", '"'])
def test_text_of_a_cell_is_as_it_is_written_whatever_else_takes_its_column(
    tmp_path: Path, quoted: str
) -> None:
    """The split and other loaders have numbers of the same cells."""
    ids = [f"{number:03d}" for number in range(100)]
    lines = [f"{quoted}{id}{quoted},{position}.5,{position}.5" for position, id in enumerate(ids)]
    (tmp_path / "m.csv").write_text("\n".join(["id,x_0,x_1", *lines]))

    def rows(loaders: dict[str, Any], **options: Any) -> dict[str, Any]:
        data = ManifestDatamodule(
            tmp_path / "m.csv",
            loaders,
            split={"train": 0.5, "test": 0.5},
            split_id="id",
            batch_size=100,
            shuffle=False,
            **options,
        )
        return dict(next(iter(data.train_dataloader())))

    alone = rows({"number": LoadColumn("id"), "x": LoadColumns(startswith="x_")})
    numbers = LoadColumns(["id", "x_0"])
    found = rows({"text": LoadColumn("id", "str"), "class": LoadClass("id"), "all": numbers}, balanced="id")
    both = rows({"text": LoadColumn("id", "str"), "x": LoadColumns(startswith="x_")})
    assert [ids[number] for number in alone["number"].tolist()] == both["text"]
    assert torch.equal(alone["x"], both["x"])
    assert [int(text) for text in found["text"]] == found["class"].tolist() == found["all"][:, 0].tolist()
    assert all(len(text) == 3 for text in found["text"])


def test_path_is_as_it_is_written(tmp_path: Path) -> None:
    """A file may be named 007."""
    np.save(tmp_path / "007.npy", np.full(2, 7.0))
    (tmp_path / "007.npy").rename(tmp_path / "007")
    (tmp_path / "m.csv").write_text("file,split\n007,train\n007,train\n")
    data = ManifestDatamodule(tmp_path / "m.csv", {"x": LoadArray("file")}, "split", batch_size=2)
    (batch,) = data.train_dataloader()
    assert [[7.0, 7.0], [7.0, 7.0]] == batch["x"].tolist()
