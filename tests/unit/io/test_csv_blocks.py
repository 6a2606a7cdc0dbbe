"""CSV files that several threads parse."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from serotiny.io.dataframe.csv_blocks import BLOCK_BYTES, UnevenError, parsed_blocks
from serotiny.io.dataframe.loaders import LoadColumn, LoadColumns
from serotiny.io.dataframe.table import read_table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.header import read_header

ROWS = 150_000


@pytest.fixture(autouse=True)
def several_threads() -> Iterator[None]:
    """As many as a machine may have, whatever this one has."""
    number = pa.cpu_count()
    pa.set_cpu_count(3)
    yield
    pa.set_cpu_count(number)


@pytest.fixture
def frame() -> pd.DataFrame:
    """Some megabytes of texts with commas and doubled quotes, integers, and floats of which some are missing."""
    random = np.random.default_rng(0)
    values = random.standard_normal(ROWS)
    values[::1000] = np.nan
    texts = [f'row "{number}", of all' if number % 7 else f"row {number}" for number in range(ROWS)]
    return pd.DataFrame({"name": texts, "id": range(ROWS), "x": values, "y": random.standard_normal(ROWS)})


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_blocks_together_are_the_file(tmp_path: Path, frame: pd.DataFrame, ending: str) -> None:
    """Each row once and in order, with or without an end of the last line."""
    path = tmp_path / "m.csv"
    path.write_text(frame.to_csv(index=False).rstrip("\n") + ending)
    pd.testing.assert_frame_equal(frame, read_table(path).to_pandas())


def test_one_thread_reads_what_several_do(tmp_path: Path, frame: pd.DataFrame) -> None:
    """Though it parses the file as a stream."""
    frame.to_csv(tmp_path / "m.csv", index=False)
    several = read_table(tmp_path / "m.csv").to_pandas()
    pa.set_cpu_count(1)
    pd.testing.assert_frame_equal(several, read_table(tmp_path / "m.csv").to_pandas())


def test_matrix_of_blocks_is_the_columns(tmp_path: Path, frame: pd.DataFrame) -> None:
    """Of columns that are parsed to float32."""
    frame.to_csv(tmp_path / "m.csv", index=False)
    types = {"x": pa.float32(), "y": pa.float32()}
    table = read_table(tmp_path / "m.csv", types=types, matrices=[["x", "y"]])
    found = LoadColumns(["x", "y"], on_missing="drop").load(table)
    np.testing.assert_array_equal(frame[["x", "y"]].to_numpy(np.float32), found.numpy())


@pytest.mark.parametrize("row", [7, ROWS - 3])
def test_a_line_break_in_a_cell_is_part_of_it(tmp_path: Path, frame: pd.DataFrame, row: int) -> None:
    """Wherever it is: such a file is not divided."""
    frame.loc[row:, "name"] = [f"{text}\nand more" for text in frame.loc[row:, "name"]]
    frame.to_csv(tmp_path / "m.csv", index=False)
    pd.testing.assert_frame_equal(frame, read_table(tmp_path / "m.csv").to_pandas())


def test_a_cell_of_another_type_in_a_later_block_changes_the_column(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    """As it does where one thread parses."""
    texts = frame["id"].astype(str)
    texts.iloc[-2] = "none"
    frame["id"] = texts
    frame.to_csv(tmp_path / "m.csv", index=False)
    assert texts.tolist() == LoadColumn("id").load(read_table(tmp_path / "m.csv"))


def test_a_fault_in_a_later_block_names_the_row_of_the_file(tmp_path: Path, frame: pd.DataFrame) -> None:
    """Not that of the block."""
    lines = frame.to_csv(index=False).splitlines()
    lines[ROWS - 9] = "1,2,3,4,5"
    (tmp_path / "m.csv").write_text("\n".join(lines))
    with pytest.raises(ManifestError, match=rf"Row #{ROWS - 8}: Expected 4 columns, got 5"):
        read_table(tmp_path / "m.csv")


_CELLS = ["1", "x", "é", '"a,b"', '"a\nb"', '"a""b"', '"\n"', '5"', 'a"b', "\ufeffz", " x"]


@settings(max_examples=25, deadline=None)
@given(
    shift=st.integers(0, 39),
    rows=st.lists(st.tuples(st.sampled_from(_CELLS), st.sampled_from(_CELLS)), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    blocks=st.integers(1, 3),
)
@example(shift=5, rows=[("1", '"a\nb"')] * 4, end="\n", blocks=1)
@example(shift=5, rows=[('5"', '"a\nb"')] * 4, end="\n", blocks=2)
@example(shift=10, rows=[("\ufeffz", "1")] * 8, end="\n", blocks=2)
def test_cells_at_the_end_of_a_block_are_those_of_the_file(
    shift: int, rows: list[tuple[str, str]], end: str, blocks: int
) -> None:
    """Whatever they hold, in small files and in those of many blocks."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.csv"
        line = f"{'x' * 40},y{end}"
        before = line * (BLOCK_BYTES // len(line) - 1)
        lines = "".join(f"{','.join(row)}{end}" for row in rows)
        text = f"a,b{end}{before}{line[shift:]}{lines}{(before + line) * (blocks - 1)}"
        path.write_text(text, encoding="utf-8", newline="")
        with path.open(encoding="utf-8", newline="") as file:
            expected = list(csv.reader(file))[1:]
        found = read_table(path, types={"a": pa.string(), "b": pa.string()}).to_pandas()
    assert expected == found.to_numpy().tolist()


@pytest.mark.parametrize("other", [" 5", "5.5", "none", "2020-01-01", "true", "1", ""])
@pytest.mark.parametrize("first", ["5", "2020-01-01", "true", "", "x"])
def test_types_are_those_of_a_file_that_is_one_block(tmp_path: Path, first: str, other: str) -> None:
    """Whichever type the cells of the first block have."""
    many = BLOCK_BYTES // (len(first) + 3)
    for name, rows in (("one.csv", 1), ("many.csv", 2 * many)):
        (tmp_path / name).write_text(f"a,b\n{f'{first},z{chr(10)}' * rows}{other},z\n")
    one, found = (read_table(tmp_path / name).to_pandas() for name in ("one.csv", "many.csv"))
    assert one["a"].iloc[-1:].astype(str).tolist() == found["a"].iloc[-1:].astype(str).tolist()
    assert one["a"].dtype == found["a"].dtype


def test_a_nul_byte_is_refused(tmp_path: Path) -> None:
    """The reader may pass over what divides the cells behind it."""
    (tmp_path / "m.csv").write_bytes(b"a,b\nx\0y,2\n")
    with pytest.raises(ManifestError, match="NUL byte"):
        read_table(tmp_path / "m.csv")
    (tmp_path / "m.csv").write_bytes(b"a\0,b\nx,2\n")
    with pytest.raises(ManifestError, match="NUL byte"):
        read_header(tmp_path / "m.csv")


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "8"],
        ["1.50", "2"],
        ["true", "FALSE"],
        ["true", "1"],
        ["2020-01-01", "2020-01-02"],
        ["9223372036854775808", "1"],
        ["1e400", "1"],
        ["NA", "3"],
        ["x", ""],
    ],
)
def test_texts_beside_cells_leave_these_as_they_are(tmp_path: Path, cells: list[str]) -> None:
    """What cells mean does not depend on whether their texts are wanted, too."""
    path = tmp_path / "m.csv"
    path.write_text("\n".join(["a,b", *(f"{cell},z" for cell in cells)]) + "\n")
    alone, both = read_table(path), read_table(path, types={"a": pa.string()}, written=["a"])
    assert alone.column("a").type == both.column("a").type
    assert alone.column("a").to_pylist() == both.column("a").to_pylist()
    texts = [None if cell in ("NA", "") else cell for cell in cells]
    assert texts == both.texts("a").to_pylist()
    assert texts[1:] == both.take(np.array([1])).texts("a").to_pylist()


@pytest.mark.parametrize(
    "content",
    ["a\n" + 2 * BLOCK_BYTES * "1", 'a\n"' + BLOCK_BYTES * "1\n", 'a\n5"\n"' + BLOCK_BYTES * "1\n"],
)
def test_what_does_not_fit_a_block_is_not_divided(tmp_path: Path, content: str) -> None:
    """A long line, and one that ends within quotes, whatever the number of quotes."""
    path = tmp_path / "m.csv"
    path.write_text(content)
    with pytest.raises(UnevenError):
        list(parsed_blocks(path, pa.csv.ReadOptions(), pa.csv.ConvertOptions(), ["a"]))
