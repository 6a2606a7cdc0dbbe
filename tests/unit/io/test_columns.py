"""LoadColumn and LoadColumns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from serotiny.io.dataframe.loaders import LoadColumn, LoadColumns
from serotiny.io.dataframe.table import Table, read_table
from serotiny.manifest.errors import ManifestError

FRAME = pd.DataFrame(
    {"id": [5, 6], "name": ["a", "b"], "flag": [True, False], "x_0": [0.5, 1.5], "x_1": [2, 3]},
    index=[10, 11],
)
TABLE = Table.of(Path("m.csv"), {str(name): list(FRAME[name]) for name in FRAME}, list(FRAME.index))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("id", torch.tensor([5, 6])),
        ("flag", torch.tensor([True, False])),
        ("x_0", torch.tensor([0.5, 1.5])),
    ],
)
def test_column_keeps_its_kind(column: str, expected: torch.Tensor) -> None:
    """Integers are int64, floats float32, booleans bool."""
    loaded = LoadColumn(column).load(TABLE)
    assert isinstance(loaded, torch.Tensor)
    assert expected.dtype == loaded.dtype
    assert expected.tolist() == loaded.tolist()


def test_column_of_text_gives_strings() -> None:
    """Text stays text."""
    assert ["a", "b"] == LoadColumn("name").load(TABLE)
    assert "b" == LoadColumn("name")(FRAME.iloc[1])


def test_column_as_text_gives_strings_of_numbers() -> None:
    """`dtype: str` writes what the column holds."""
    assert ["5", "6"] == LoadColumn("id", dtype="str").load(TABLE)


def test_row_and_frame_load_alike() -> None:
    """One row at a time gives what all rows at once give."""
    columns = LoadColumns(startswith="x_")
    assert columns.load(TABLE).tolist() == [columns(row).tolist() for _, row in FRAME.iterrows()]
    row = LoadColumn("id")(FRAME.iloc[0])
    assert isinstance(row, torch.Tensor)
    assert (torch.int64, (), 5) == (row.dtype, tuple(row.shape), row.item())


def test_columns_give_a_vector_of_the_dtype() -> None:
    """A row is (C,), a frame (rows, C)."""
    loader = LoadColumns(["x_1", "id"], dtype="int32")
    loaded = loader.load(TABLE)
    assert torch.int32 == loaded.dtype
    assert [[2, 5], [3, 6]] == loaded.tolist()
    assert (2,) == tuple(loader(FRAME.iloc[0]).shape)


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=6))
def test_float32_survives(values: list[float]) -> None:
    """A float that float32 can hold is loaded exactly."""
    loaded = LoadColumns(["x"]).load(Table.of(Path(), {"x": values}))
    assert values == loaded[:, 0].tolist()


@pytest.mark.parametrize(
    ("cells", "dtype", "message"),
    [
        ([1.0, float("nan")], "float32", "column `x` has no value in row 11 (counted from 0)"),
        (["1", "one"], "float32", "column `x` holds `one` in row 11 (counted from 0), which is no number"),
        (["1", "2"], "float32", "column `x` holds `1` in row 10 (counted from 0), which is no number"),
        ([1, "one"], "float32", "column `x` holds `one` in row 11 (counted from 0), which is no number"),
        ([1.0, 1.5], "int64", "column `x` holds `1.5` in row 11 (counted from 0), which is no int64"),
        ([1, 300], "uint8", "column `x` holds `300` in row 11 (counted from 0), which is no uint8"),
        ([1, -1], "uint8", "column `x` holds `-1` in row 11 (counted from 0), which is no uint8"),
        ([0, 2], "bool", "column `x` holds `2` in row 11 (counted from 0), which is no bool"),
        (
            [1.0, 1e6],
            "float16",
            "column `x` holds `1000000.0` in row 11 (counted from 0), which is no float16",
        ),
        ([1.0, np.inf], "int32", "column `x` holds `inf` in row 11 (counted from 0), which is no int32"),
    ],
)
def test_cell_that_cannot_be_held_is_an_error(cells: list[Any], dtype: Any, message: str) -> None:
    """Nothing is cut or rounded to an integer in silence; column, row and value are named."""
    table = Table.of(Path(), {"x": cells}, [10, 11])
    with pytest.raises(ManifestError, match=re.escape(message)):
        LoadColumns(["x"], dtype=dtype).load(table)
    with pytest.raises(ManifestError, match=re.escape(message)):
        LoadColumn("x", dtype=dtype).load(table)


def test_parquet_that_threads_read_gives_every_cell_its_place(tmp_path: Path) -> None:
    """Row groups that several threads read and write side by side become the table."""
    expected = np.arange(60_000 * 12, dtype=np.float32).reshape(60_000, 12)
    columns = {f"x_{number}": cells for number, cells in enumerate(expected.T)}
    pq.write_table(pa.table(columns), tmp_path / "m.parquet", row_group_size=9_000)
    found = LoadColumns(startswith="x_").load(read_table(tmp_path / "m.parquet"))
    assert np.array_equal(expected, found.numpy())


def test_parquet_that_threads_read_names_the_first_missing_cell(tmp_path: Path) -> None:
    """Of faults in several row groups, the first in the order of the file is told."""
    cells = [float(number) if number not in (3_500, 5_500) else None for number in range(6_000)]
    pq.write_table(pa.table({"x_0": cells, "x_1": cells}), tmp_path / "m.parquet", row_group_size=1_000)
    with pytest.raises(ManifestError, match="column `x_0` has no value in row 3500 "):
        LoadColumns(startswith="x_").load(read_table(tmp_path / "m.parquet"))


def test_missing_text_is_an_error() -> None:
    """An empty cell is no text."""
    with pytest.raises(ManifestError, match="column `x` has no value in row 1 "):
        LoadColumn("x").load(Table.of(Path(), {"x": ["a", None]}))


def test_missing_column_is_an_error() -> None:
    """The nearest name is suggested."""
    with pytest.raises(ManifestError, match="no column `nme`; did you mean `name`"):
        LoadColumn("nme")(FRAME.iloc[0])
    with pytest.raises(ManifestError, match="no column `x_2`; did you mean `x_"):
        LoadColumns(["x_2"]).load(TABLE)


def test_columns_that_match_nothing_are_an_error() -> None:
    """An empty vector is never loaded."""
    with pytest.raises(ManifestError, match="no column matches `startswith='y'`"):
        LoadColumns(startswith="y").load(TABLE)


def test_one_name_for_a_list_of_names_is_an_error() -> None:
    """A text is not taken for the list of its letters."""
    with pytest.raises(ManifestError, match="`columns` is a list of names, not the name `x_0`"):
        LoadColumns("x_0")
