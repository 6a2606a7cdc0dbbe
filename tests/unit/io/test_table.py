"""Reading CSV and parquet files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serotiny.io.dataframe.table import Table, read_table
from serotiny.manifest.errors import ManifestError

FRAME = pd.DataFrame({"id": [3, 1, 2], "name": ["a", "b", "c,d"], "x": [0.1, 1 / 3, 1e-300]})


def write(frame: pd.DataFrame, folder: Path) -> tuple[Path, Path]:
    """The same frame as CSV and as parquet."""
    frame.to_csv(folder / "m.csv", index=False)
    frame.to_parquet(folder / "m.parquet", index=False)
    return folder / "m.csv", folder / "m.parquet"


def test_csv_and_parquet_of_a_table_read_equal(tmp_path: Path) -> None:
    """Values and types do not depend on the format."""
    from_csv, from_parquet = (read_table(path).to_pandas() for path in write(FRAME, tmp_path))
    pd.testing.assert_frame_equal(FRAME, from_csv)
    pd.testing.assert_frame_equal(FRAME, from_parquet)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_floats_in_csv_and_parquet_are_the_same_bits(tmp_path: Path, values: list[float]) -> None:
    """A CSV is parsed to the nearest float, not to one near it."""
    from_csv, from_parquet = (read_table(path) for path in write(pd.DataFrame({"x": values}), tmp_path))
    assert from_parquet.column("x").to_pylist() == from_csv.column("x").to_pylist()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_chosen_columns_come_in_the_order_of_the_file(tmp_path: Path, suffix: str) -> None:
    """Only the chosen columns are read."""
    write(FRAME, tmp_path)
    assert ["id", "x"] == read_table(tmp_path / f"m.{suffix}", ["x", "id"]).header


def test_named_index_of_a_parquet_is_a_column(tmp_path: Path) -> None:
    """An index that pandas stored with a name is read as the column that it is in the file."""
    FRAME.set_index("id").to_parquet(tmp_path / "m.parquet")
    assert {"id", "name", "x"} == set(read_table(tmp_path / "m.parquet").header)


def test_unnamed_index_of_a_parquet_is_left_out(tmp_path: Path) -> None:
    """The rows are numbered as they lie in the file."""
    FRAME.set_axis([7, 8, 9]).to_parquet(tmp_path / "m.parquet")
    table = read_table(tmp_path / "m.parquet")
    assert ["id", "name", "x"] == table.header
    assert [0, 1, 2] == list(table.to_pandas().index)


def test_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    """A folder `split=train` above a parquet file is only a folder."""
    (tmp_path / "split=train").mkdir()
    _, path = write(FRAME, tmp_path / "split=train")
    assert ["id", "name", "x"] == read_table(path).header


def test_byte_order_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    """Spreadsheets write one."""
    (tmp_path / "m.csv").write_bytes(b"\xef\xbb\xbfid,x\n1,2\n")
    assert ["id", "x"] == read_table(tmp_path / "m.csv").header


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", b"", "m.csv: the file is empty"),
        ("m.csv", b"\n\n", "m.csv: the file is empty"),
        ("m.csv", b"id,x,x\n1,2,3\n", "m.csv: column `x` is there 2 times"),
        ("m.csv", b"id,x\n1,2\n1,2,3\n", "m.csv: not a readable csv file"),
        ("m.csv", b"id,x\n1,2,3\n1,2,3\n", "m.csv: not a readable csv file"),
        ("m.csv", b"id,x\n1,2\n1\n", "m.csv: not a readable csv file"),
        ("m.csv", "id,x\n1,é\n".encode("latin-1"), "m.csv: not a readable csv file"),
        ("m.csv", b'id,x\n1,"2\n', "m.csv: not a readable csv file"),
        ("m.csv", b"\x00\x01\x02\xff", "m.csv: not a readable csv file"),
        ("m.parquet", b"", "m.parquet: not a readable parquet file"),
        ("m.parquet", b"id,x\n1,2\n", "m.parquet: not a readable parquet file"),
        ("m.xlsx", b"PK", "m.xlsx: cannot read `.xlsx` files; give one of .csv, .parquet"),
        ("manifest", b"", "manifest: cannot read `` files"),
    ],
)
def test_unreadable_file_is_an_error_that_names_it(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """Whatever is in the file, the error is one line with its path."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ManifestError, match=re.escape(message)):
        read_table(tmp_path / name)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(ManifestError, match=re.escape(f"{tmp_path / 'm.csv'} does not exist")):
        read_table(tmp_path / "m.csv")


def test_folder_is_an_error(tmp_path: Path) -> None:
    """A folder is told from a file."""
    with pytest.raises(ManifestError, match="is a folder, not a CSV or parquet file"):
        read_table(tmp_path)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_missing_column_is_an_error_with_a_suggestion(tmp_path: Path, suffix: str) -> None:
    """A chosen column that is not in the file is named with the file."""
    write(FRAME, tmp_path)
    with pytest.raises(ManifestError, match=f"m.{suffix}: no column `nam`; did you mean `name`"):
        read_table(tmp_path / f"m.{suffix}", ["nam"])


@pytest.mark.parametrize("rows", [3, 100_000])
def test_parquet_is_read_in_parts_that_make_the_whole(tmp_path: Path, rows: int) -> None:
    """Small row groups are read together and large ones some columns at a time; no cell changes place."""
    columns = {f"c{number}": np.arange(200_000, dtype=np.int32) + number for number in range(60)}
    columns = {name: column[: 2 * rows] for name, column in columns.items()}
    pq.write_table(pa.table(columns), tmp_path / "m.parquet", row_group_size=rows)
    table, names = read_table(tmp_path / "m.parquet"), ["c7", *reversed(columns)]
    found = np.zeros((2 * rows, len(names)), dtype=np.int32)
    for block in table.blocks(names):
        place = (slice(block.row, block.row + block.cells.num_rows), block.column)
        for number, cells in enumerate(block.cells.columns):
            found[place[0], place[1] + number] += np.asarray(cells)
    assert np.array_equal(np.stack([columns[name] for name in names], axis=1), found)


@pytest.mark.parametrize("group_rows", [100, 30_000, 150_000])
def test_all_threads_together_hold_a_small_part_of_a_parquet_file(tmp_path: Path, group_rows: int) -> None:
    """However many rows its groups have, and whatever the number of threads; a part has one column at least."""
    columns = {f"c{number}": np.zeros(150_000, dtype=np.float32) for number in range(100)}
    pq.write_table(pa.table(columns), tmp_path / "m.parquet", row_group_size=group_rows)
    threads = pa.cpu_count()
    try:
        for count in (1, 2, 8):
            pa.set_cpu_count(count)
            parts = read_table(tmp_path / "m.parquet").parts(list(columns))
            assert max(4 * part.rows * part.columns for part in parts) * count <= 4 * 150_000 * 100 / 4
    finally:
        pa.set_cpu_count(threads)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_rows_that_are_taken_are_read_in_order(tmp_path: Path, suffix: str) -> None:
    """Some rows, and some of those, keep their numbers in the file."""
    frame = pd.DataFrame({"x": range(20_000), "y": ["a", "b"] * 10_000})
    write(frame, tmp_path)
    some = read_table(tmp_path / f"m.{suffix}").take(np.array([1, 9000, 9001, 19_999])).take(np.array([1, 3]))
    assert [9000, 19_999] == some.column("x").to_pylist()
    assert {"x": {9000: 9000, 19_999: 19_999}, "y": {9000: "a", 19_999: "b"}} == some.to_pandas().to_dict()
    assert (2, 19_999) == (len(some), some.number(1))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_values_are_numbered_in_the_order_in_which_they_come(tmp_path: Path, suffix: str) -> None:
    """A cell without a value has the number -1, and none of the values."""
    write(pd.DataFrame({"x": ["b", None, "a", "b", "c"]}), tmp_path)
    codes, values = read_table(tmp_path / f"m.{suffix}").coded("x")
    assert ([0, -1, 1, 0, 2], ["b", "a", "c"]) == (codes.tolist(), values)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_of_parquet_are_numbered_as_they_come(tmp_path: Path, kind: pa.DataType) -> None:
    """Whatever dictionaries the row groups have: of other orders, or with texts that no row has."""
    path = tmp_path / "m.parquet"
    parts: list[list[str | None]] = [["b", None, "a"], ["c", "a", "b"], [None, None]]
    with pq.ParquetWriter(path, pa.schema([("x", kind)])) as file:
        for part in parts:
            cells = pa.array(part, pa.string())
            if pa.types.is_dictionary(kind):
                texts = pa.array(["unused", "c", "b", "a"])
                cells = pa.DictionaryArray.from_arrays(
                    pa.array(
                        [None if cell is None else texts.to_pylist().index(cell) for cell in part], pa.int32()
                    ),
                    texts,
                )
            file.write_table(pa.table({"x": cells.cast(kind)}))
    table = read_table(path)
    codes, values = table.coded("x")
    assert ([0, -1, 1, 2, 1, 0, -1, -1], ["b", "a", "c"]) == (codes.tolist(), values)
    codes, values = table.take(np.array([1, 2, 3, 4])).coded("x")
    assert ([-1, 0, 1, 0], ["a", "c"]) == (codes.tolist(), values)
    codes, values = table.take(np.array([6])).coded("x")
    assert ([-1], []) == (codes.tolist(), values)


def test_texts_of_no_row_have_no_numbers(tmp_path: Path) -> None:
    """A table may be empty, and some rows of it none."""
    pq.write_table(pa.table({"x": pa.array([], pa.string())}), tmp_path / "m.parquet")
    codes, values = read_table(tmp_path / "m.parquet").coded("x")
    assert ([], []) == (codes.tolist(), values)


def test_tables_of_a_file_are_joined_in_the_order_given(tmp_path: Path) -> None:
    """With the numbers that their rows have in the file."""
    path, _ = write(FRAME, tmp_path)
    table = read_table(path)
    joined = Table.joined([table.take(np.array([2])), table.take(np.array([0, 1]))])
    assert [2, 0, 1] == [joined.number(position) for position in range(3)]
    assert [2, 3, 1] == joined.column("id").to_pylist()
