"""ManifestDatamodule on bad manifests and bad arguments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serotiny.datamodules import ManifestDatamodule
from serotiny.diagnostics import SerotinyError
from serotiny.io.dataframe.loaders import LoadClass, LoadColumn, LoadColumns, LoadImage
from serotiny.manifest.errors import ManifestError

FRAME = pd.DataFrame(
    {"id": range(4), "split": ["train", "train", "valid", "test"], "x": [1.0, 2.0, 3.0, 4.0]}
)
LOADERS = {"x": LoadColumn("x")}


def refuse(
    message: str, path: Path, loaders: Any = LOADERS, split: str | None = "split", **other: Any
) -> None:
    """Making the data module fails, and says so."""
    with pytest.raises(ManifestError, match=re.escape(message)):
        ManifestDatamodule(path, loaders, split, **other)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    FRAME.to_csv(tmp_path / "m.csv", index=False)
    return tmp_path / "m.csv"


def test_error_is_one_of_the_second_channel() -> None:
    """The CLI shows it as a message, not as a traceback."""
    assert issubclass(ManifestError, SerotinyError)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """The path is named."""
    refuse(f"{tmp_path}/none.csv does not exist", tmp_path / "none.csv")


def test_unknown_format_is_an_error(tmp_path: Path) -> None:
    """The format and those that can be read are named."""
    (tmp_path / "m.xlsx").touch()
    refuse("m.xlsx: cannot read `.xlsx` files; give one of .csv, .parquet", tmp_path / "m.xlsx")


def test_missing_split_column_is_an_error(manifest: Path) -> None:
    """File and column are named, and the nearest column."""
    refuse(f"{manifest}: no column `spilt`; did you mean `split`?", manifest, split="spilt")
    refuse(f"{manifest}: no column `spilt`", manifest, split="spilt", columns=["x"])


def test_file_without_a_split_column_is_an_error(manifest: Path) -> None:
    """One file has to say which rows are for what."""
    refuse(f"{manifest} is one file; give `split_column`", manifest, split=None)


def test_folder_with_a_split_column_is_an_error(tmp_path: Path) -> None:
    """Two answers to one question."""
    refuse(f"{tmp_path} is a folder, whose files say the split", tmp_path)
    refuse("leave out `split_column`", tmp_path, split=None, split_map={"a": "train"})


def test_folder_without_a_split_is_an_error_when_it_is_asked_for(tmp_path: Path) -> None:
    """Who tests nothing needs no test file; who does learns which file is missing."""
    for split in ("train", "valid"):
        FRAME.to_csv(tmp_path / f"{split}.csv", index=False)
    data = ManifestDatamodule(tmp_path, LOADERS)
    assert 4 == len(data.val_dataloader())
    with pytest.raises(ManifestError, match=re.escape(f"no file for split `test`: {tmp_path}/test.csv")):
        data.test_dataloader()


def test_folder_without_any_split_is_an_error(tmp_path: Path) -> None:
    """There is nothing to read."""
    refuse(f"{tmp_path} has no file for split `train`", tmp_path, split=None)


def test_folder_with_two_files_for_a_split_is_an_error(tmp_path: Path) -> None:
    """Neither is preferred in silence."""
    FRAME.to_csv(tmp_path / "train.csv")
    FRAME.to_parquet(tmp_path / "train.parquet")
    refuse("two files for split `train`: train.csv, train.parquet", tmp_path, split=None)


@pytest.mark.parametrize(
    ("cell", "value"), [("trian", "`trian`"), ("Train", "`Train`"), (None, "no value"), (7, "`7`")]
)
def test_unknown_split_is_an_error(tmp_path: Path, cell: object, value: str) -> None:
    """File, column, value and row are named, and what is known."""
    path = tmp_path / "m.parquet" if cell is None else tmp_path / "m.csv"
    frame = FRAME.assign(split=pd.Series(["train", cell, "valid", "test"], dtype=object))
    frame.to_csv(path) if cell is not None else frame.to_parquet(path)
    place = "row 1 (counted from 0)" if cell is None else "line 3"
    refuse(
        f"{path}: column `split` has {value} in {place}; known are `train`, `valid`, `test`; `split_map` gives",
        path,
    )


def test_value_that_the_split_map_leaves_out_is_an_error(manifest: Path) -> None:
    """The map has to name every value."""
    refuse(
        "column `split` has `test` in line 5; known are `train`, `valid`",
        manifest,
        split_map={"train": "train", "valid": "valid"},
    )


def test_split_map_to_an_unknown_split_is_an_error(manifest: Path) -> None:
    """Splits have fixed names."""
    refuse(
        f"{manifest}: `split_map` maps `train` to `training`, which is none of `train`, `valid`, `test`",
        manifest,
        split_map={"train": "training"},
    )


@pytest.mark.parametrize(
    ("split", "hook"),
    [("train", "train_dataloader"), ("valid", "val_dataloader"), ("test", "predict_dataloader")],
)
def test_empty_split_is_an_error_when_it_is_asked_for(tmp_path: Path, split: str, hook: str) -> None:
    """File, column and split are named; the others can be used."""
    FRAME[FRAME["split"] != split].to_csv(tmp_path / "m.csv", index=False)
    data = ManifestDatamodule(tmp_path / "m.csv", LOADERS, "split")
    message = f"{tmp_path}/m.csv: split `{split}` has no rows in column `split`"
    with pytest.raises(ManifestError, match=re.escape(message)):
        getattr(data, hook)()


@pytest.mark.parametrize(
    ("options", "split", "reason"),
    [
        ({"split_group": "site"}, "valid", "the values of column `site` are too few for its share"),
        (
            {"split_id": "x", "stratify": "x"},
            "valid",
            "the values of column `x` of each value of column `x` are too few for its share",
        ),
        ({"split_id": "x"}, "test", "`split` gives it no share"),
    ],
)
def test_split_that_gets_no_rows_says_why(
    tmp_path: Path, options: dict[str, Any], split: str, reason: str
) -> None:
    """One group is in one split; a stratum of one row, too."""
    pd.DataFrame({"x": range(20), "site": "a"}).to_csv(tmp_path / "m.csv", index=False)
    data = ManifestDatamodule(tmp_path / "m.csv", LOADERS, split={"train": 0.8, "valid": 0.2}, **options)
    hook = data.val_dataloader if split == "valid" else data.test_dataloader
    with pytest.raises(ManifestError, match=re.escape(f"split `{split}` has no rows, since {reason}")):
        hook()


def test_rows_cannot_be_divided_by_lists(tmp_path: Path) -> None:
    """Their column is named."""
    pq.write_table(pa.table({"x": [1.0, 2.0], "site": [[1], [2]]}), tmp_path / "m.parquet")
    message = f"{tmp_path}/m.parquet: column `site` holds list<element: int64>"
    refuse(message, tmp_path / "m.parquet", split="site")
    with pytest.raises(ManifestError, match=re.escape(message)):
        ManifestDatamodule(
            tmp_path / "m.parquet", LOADERS, split={"train": 0.5, "valid": 0.5}, split_id="site"
        )


def test_empty_file_of_a_folder_is_an_error(tmp_path: Path) -> None:
    """A header alone is no split."""
    for split, frame in (("train", FRAME), ("valid", FRAME[:0]), ("test", FRAME)):
        frame.to_csv(tmp_path / f"{split}.csv", index=False)
    refuse(f"{tmp_path}/valid.csv: split `valid` has no rows", tmp_path, split=None)


@pytest.mark.parametrize(
    ("train", "valid", "kinds"),
    [
        (["1", "2"], ["a", "2"], "text, and int64"),
        (["1", "2"], ["1.5", "2"], "float32, and int64"),
        (["true", "false"], ["1", "0"], "int64, and bool"),
    ],
)
def test_files_whose_cells_differ_in_type_are_an_error(
    tmp_path: Path, train: list[str], valid: list[str], kinds: str
) -> None:
    """A loader without a type takes that of the cells, and a batch would be of another kind in each split."""
    for split, cells in (("train", train), ("valid", valid)):
        (tmp_path / f"{split}.csv").write_text("\n".join(["y", *cells]) + "\n")
    message = f"{tmp_path}/valid.csv: column `y` is {kinds} in train.csv; write it alike, or give loader `y` a `dtype`"
    refuse(message, tmp_path, {"y": LoadColumn("y")}, None)
    refuse(message, tmp_path, {split: {"y": LoadColumn("y")} for split in ("train", "valid")}, None)
    ManifestDatamodule(tmp_path, {"y": LoadColumn("y", "str")}, None)


@pytest.mark.parametrize(
    ("cells", "loader", "message"),
    [
        (
            [[1.0], [2.0]],
            LoadColumn("y"),
            "column `y` holds list<element: double>, which is neither numbers nor text",
        ),
        ([{"a": 1}, {"a": 2}], LoadColumn("y"), "column `y` holds struct<a: int64>, which is neither"),
        ([b"a", b"b"], LoadColumn("y"), "column `y` holds binary, which is neither"),
        (
            [[1], [2]],
            LoadClass("y"),
            "column `y` holds list<element: int64>; its cells are numbers or texts where",
        ),
        ([b"a", b"b"], LoadClass("y"), "column `y` holds binary; its cells are numbers or texts where"),
        (
            pa.array([b"a", b"b"], pa.large_binary()),
            LoadColumn("y"),
            "column `y` holds large_binary, which is neither",
        ),
        (
            pa.array([b"a", b"b"], pa.binary(1)),
            LoadColumn("y", "str"),
            "column `y` holds fixed_size_binary[1], which is neither",
        ),
    ],
)
def test_cells_that_are_no_single_values_are_an_error(
    tmp_path: Path, cells: Any, loader: Any, message: str
) -> None:
    """They are no text, and no labels."""
    pq.write_table(pa.table({"y": cells, "split": ["train", "train"]}), tmp_path / "m.parquet")
    refuse(f"{tmp_path}/m.parquet: loader `y`: {message}", tmp_path / "m.parquet", {"y": loader})


def test_missing_chosen_column_is_an_error(manifest: Path) -> None:
    """File and column are named."""
    refuse(f"{manifest}: no column `y`", manifest, columns=["x", "y"])


def test_one_name_for_a_list_of_columns_is_an_error(manifest: Path) -> None:
    """A text is not taken for the list of its letters."""
    refuse("`columns` is a list of names, not the name `x`", manifest, columns="x")


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        (LoadColumn("y"), "no column `y`"),
        (LoadColumns(startswith="y"), "no column matches `startswith='y'`"),
        (LoadColumns(["split"]), "column `split` holds `train` in line 2, which is no number"),
        (LoadColumn("x", dtype="bool"), "column `x` holds `2.0` in line 3, which is no bool"),
        (LoadClass("y"), "no column `y`"),
        (LoadClass("x", classes=[1]), "column `x` holds `2.0` in line 3; the classes are `1`"),
        (
            LoadClass("id", classes=["0", "1", "2", "3"]),
            "column `id` holds `0` in line 2; the classes are `0`, `1`, `2`, `3`, not as int; write them as",
        ),
        (LoadImage("y"), "no column `y`"),
    ],
)
def test_loader_that_refuses_a_row_is_an_error(manifest: Path, loader: Any, message: str) -> None:
    """File and key of the loader are named, when the data module is made."""
    refuse(f"{manifest}: loader `key`: {message}", manifest, {"key": loader})


def test_fault_of_the_test_split_shows_at_once(tmp_path: Path) -> None:
    """Nobody trains for a day to learn that the test has no numbers."""
    FRAME.assign(x=["1", "2", "3", "four"]).to_csv(tmp_path / "m.csv", index=False)
    refuse("m.csv: loader `x`: column `x` holds `", tmp_path / "m.csv", {"x": LoadColumns(["x"])})


@pytest.mark.parametrize(
    ("loaders", "message"),
    [
        ({}, "`loaders` is empty"),
        ({"train": LOADERS, "valid": {}, "test": LOADERS}, "`loaders.valid` is empty"),
        ({"x": "LoadColumn"}, "`loaders.x` is a str, not a loader"),
        ({"x": None}, "`loaders.x` is a NoneType, not a loader"),
        ({"train": {"x": 1}}, "`loaders.train.x` is a int, not a loader"),
        ({"x": {"column": "x"}}, "`loaders.x` is a mapping, not a loader; is its `_target_` missing?"),
        ({"train": LOADERS, "val": LOADERS}, "`loaders.val` is a mapping, not a loader"),
        ({"train": LOADERS, "x": LOADERS["x"]}, "`loaders` has `x` beside the mapping `train`"),
    ],
)
def test_bad_loaders_are_an_error(manifest: Path, loaders: Any, message: str) -> None:
    """The key at fault is named."""
    refuse(message, manifest, loaders)


@pytest.mark.parametrize("name", ["sampler", "batch_sampler"])
@pytest.mark.parametrize("just_inference", [True, False])
def test_sampler_is_no_argument(manifest: Path, name: str, just_inference: bool) -> None:
    """One sampler cannot fit the rows of all splits."""
    arguments: dict[str, Any] = {"just_inference": just_inference, name: [0]}
    with pytest.raises(TypeError, match=f"multiple values for keyword argument '{name}'"):
        ManifestDatamodule(manifest, LOADERS, "split", **arguments)


def test_split_without_loaders_cannot_be_asked_for(manifest: Path) -> None:
    """The split is named."""
    per_split: Any = {"train": LOADERS, "valid": LOADERS}
    data = ManifestDatamodule(manifest, per_split, "split")
    with pytest.raises(ManifestError, match="`loaders` has none for split `test`"):
        data.test_dataloader()


def test_row_that_a_loader_of_ones_own_fails_on_is_named(manifest: Path) -> None:
    """Whatever is raised comes with file, row and key; its cause stays attached."""
    data = ManifestDatamodule(manifest, {"z": lambda row: {"a": 1}[row["split"]]}, "split")
    message = f"{manifest}: line 5: loader `z`: KeyError: 'test'"
    with pytest.raises(ManifestError, match=re.escape(message)) as caught:
        list(data.test_dataloader())
    assert isinstance(caught.value.__cause__, KeyError)


def test_missing_image_is_named_with_its_row(tmp_path: Path) -> None:
    """The file that is not there is named with the row that wanted it."""
    path = tmp_path / "m.csv"
    FRAME.assign(path="none.png").to_csv(path, index=False)
    data = ManifestDatamodule(path, {"i": LoadImage("path")}, "split")
    message = f"{path}: line 5: loader `i`: image {tmp_path}/none.png does not exist"
    with pytest.raises(ManifestError, match=re.escape(message)):
        list(data.test_dataloader())


def test_inference_has_nothing_to_train_on(manifest: Path) -> None:
    """Training and validation say why."""
    data = ManifestDatamodule(manifest, LOADERS, just_inference=True)
    for ask in (data.train_dataloader, data.val_dataloader):
        with pytest.raises(ManifestError, match=r"no rows for `.*` with `just_inference: true`"):
            ask()


def test_inference_without_rows_is_an_error(tmp_path: Path) -> None:
    """Nothing to predict."""
    FRAME[:0].to_csv(tmp_path / "m.csv", index=False)
    refuse(f"{tmp_path}/m.csv has no rows", tmp_path / "m.csv", just_inference=True)


def test_inference_on_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """The files that were looked for are named."""
    refuse(f"{tmp_path} has no file for a split (`train.csv`,", tmp_path, split=None, just_inference=True)


def test_inference_on_files_with_different_columns_is_an_error(tmp_path: Path) -> None:
    """The column that only one of them has is named."""
    FRAME.to_csv(tmp_path / "train.csv", index=False)
    FRAME.rename(columns={"x": "z"}).to_csv(tmp_path / "test.csv", index=False)
    refuse("column `x` is in only one of", tmp_path, split=None, just_inference=True)


def test_inference_without_test_loaders_is_an_error(manifest: Path) -> None:
    """It takes the loaders of the test."""
    refuse("`just_inference` takes the loaders of `test`", manifest, {"train": LOADERS}, just_inference=True)
