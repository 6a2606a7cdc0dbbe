"""The file of the predictions, under a real trainer."""

from __future__ import annotations

import csv
import resource
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.predictions.file import PredictionFile, joined
from serotiny.ml_ops.predictions.tables import PredictionsError
from serotiny.ml_ops.predictions.writer import PredictionWriter

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*is deprecated:FutureWarning"),
]
ROWS = [{"id": f"row {number}", "x": torch.full((3,), float(number))} for number in range(10)]


class Doubled(pl.LightningModule):
    def predict_step(self, batch: dict[str, Any], batch_idx: int = 0, dataloader_idx: int = 0) -> Any:
        return 2 * batch["x"]


class Listed(Doubled):
    def predict_step(self, batch: dict[str, Any], batch_idx: int = 0, dataloader_idx: int = 0) -> Any:
        return list(batch["x"])


class Halved(Doubled):
    def predict_step(self, batch: dict[str, Any], batch_idx: int = 0, dataloader_idx: int = 0) -> Any:
        return batch["x"][::2] if batch_idx else batch["x"]


class Ragged(Doubled):
    def predict_step(self, batch: dict[str, Any], batch_idx: int = 0, dataloader_idx: int = 0) -> Any:
        return [torch.ones(number) for number in range(len(batch["x"]))]


class Silent(Doubled):
    def predict_step(self, batch: dict[str, Any], batch_idx: int = 0, dataloader_idx: int = 0) -> None: ...


def predict(
    folder: Path, *loaders: DataLoader[Any], as_csv: bool = False, model: type[Doubled] = Doubled
) -> Path:
    lightning = LightningPackage.of_target("pytorch_lightning.Trainer")
    writer = lightning.adopt(PredictionWriter, "callbacks.Callback")(folder / "predictions", as_csv)
    trainer = pl.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        devices=1,
        logger=False,
        enable_progress_bar=False,
        callbacks=[writer],
    )
    trainer.predict(model(), list(loaders), return_predictions=False)
    (file,) = (folder / "predictions").iterdir()
    return file


@pytest.mark.parametrize("workers", [0, 2])
def test_table_has_a_row_for_each_input_in_order_with_its_id(tmp_path: Path, workers: int) -> None:
    """The id comes from the batch when the model gives a bare tensor; workers change no order."""
    file = predict(tmp_path, DataLoader(ROWS, batch_size=3, num_workers=workers))  # type: ignore[arg-type]

    table = pq.read_table(file)
    assert ("predictions.parquet", ["id", "prediction"]) == (file.name, table.column_names)
    assert [row["id"] for row in ROWS] == table["id"].to_pylist()
    assert [[2.0 * number] * 3 for number in range(10)] == table["prediction"].to_pylist()


def test_csv_has_a_column_for_each_entry(tmp_path: Path) -> None:
    """What a spreadsheet can read."""
    file = predict(tmp_path, DataLoader(ROWS, batch_size=4), as_csv=True)  # type: ignore[arg-type]

    with file.open(newline="") as lines:
        rows = list(csv.reader(lines))
    assert ("predictions.csv", ["id", "prediction_0", "prediction_1", "prediction_2"]) == (file.name, rows[0])
    assert ["row 9", "18", "18", "18"] == rows[-1]


def test_several_loaders_are_told_apart(tmp_path: Path) -> None:
    """One after the other, with a column that counts them."""
    loaders: list[DataLoader[Any]] = [DataLoader(rows, batch_size=3) for rows in (ROWS[:4], ROWS[:2])]  # type: ignore[arg-type]
    assert [0, 0, 0, 0, 1, 1] == pq.read_table(predict(tmp_path, *loaders))["dataloader"].to_pylist()


def test_list_of_tensors_has_a_row_for_each(tmp_path: Path) -> None:
    """One tensor a sample, as some models give."""
    table = pq.read_table(predict(tmp_path, DataLoader(ROWS, batch_size=4), model=Listed))  # type: ignore[arg-type]  # a list is a dataset
    assert {
        "id": [row["id"] for row in ROWS],
        "prediction": [row["x"].tolist() for row in ROWS],  # type: ignore[attr-defined]  # a tensor
    } == table.to_pydict()


@pytest.mark.parametrize(
    ("model", "as_csv", "message"),
    [
        (Halved, False, "`predict_step` gave 2 rows for a batch of 4"),
        (Ragged, True, "cannot be written as CSV: its entries differ in length"),
    ],
)
def test_predictions_that_are_no_table_leave_nothing(
    tmp_path: Path, model: type[Doubled], as_csv: bool, message: str
) -> None:
    """A row is a sample's, and no half of a file stays."""
    with pytest.raises(PredictionsError, match=message):
        predict(tmp_path, DataLoader(ROWS, batch_size=4), as_csv=as_csv, model=model)  # type: ignore[arg-type]  # a list is a dataset
    assert [] == list((tmp_path / "predictions").iterdir())


@pytest.mark.filterwarnings("ignore:predict returned None:UserWarning")
def test_model_that_gives_nothing_has_no_table(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It may have written its predictions itself."""
    with pytest.raises(ValueError, match="not enough values"):
        predict(tmp_path, DataLoader(ROWS, batch_size=4), model=Silent)  # type: ignore[arg-type]  # a list is a dataset
    assert "there is no table of predictions" in caplog.text


@pytest.mark.parametrize("loaders", [1, 2])
def test_shares_of_several_processes_are_joined_in_the_manifest_order(tmp_path: Path, loaders: int) -> None:
    """Of three processes each has every third row of each loader, one fewer at the end."""
    rows = [(loader, row) for loader in range(loaders) for row in range(20_000 + loader)]
    paths = []
    for rank in range(3):
        mine = [item for item in rows if item[1] % 3 == rank]
        table = pa.table({"dataloader": [item[0] for item in mine], "row": [item[1] for item in mine]})
        paths.append(tmp_path / f"{rank}.parquet")
        pq.write_table(table if loaders > 1 else table.drop("dataloader"), paths[-1], row_group_size=3000)

    table = pa.concat_tables(joined(paths))

    assert [row for _, row in rows] == table["row"].to_pylist()


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """A table of 400 MB is written with less than 150 MB."""
    block = pa.table({f"x_{number}": pa.array(torch.rand(5000).numpy()) for number in range(100)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with PredictionFile(tmp_path / "p.parquet") as file:
        for _ in range(200):
            file.write(block)
    assert 150_000 > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert 1_000_000 == pq.read_metadata(tmp_path / "p.parquet").num_rows


def test_columns_that_change_are_an_error(tmp_path: Path) -> None:
    """A file has one set of columns."""
    file = PredictionFile(tmp_path / "p.parquet")
    many = 70_000
    file.write(pa.table({"a": [1.0] * many}))
    with (
        file,
        pytest.raises(PredictionsError, match="columns of other names or types than for the first rows"),
    ):
        file.write(pa.table({"b": [1.0] * many}))
