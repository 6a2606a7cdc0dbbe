"""CSV to parquet."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from serotiny.cli.main import main
from serotiny.io.dataframe.table import read_table
from serotiny.manifest import conversion
from serotiny.manifest.conversion import convert
from serotiny.manifest.errors import ManifestError


def test_types_are_those_of_all_cells(tmp_path: Path) -> None:
    """Also where the first megabyte looks otherwise: the last row decides as much as the first."""
    rows = 100_000
    lines = ["id,whole,x,flag,text,empty"] + [
        f"{number},{number},{number},true,{number}," for number in range(rows)
    ]
    lines.append(f'{rows},7,0.5,False,"a\nb",')
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")

    assert rows + 1 == convert(tmp_path / "in.csv", tmp_path / "out.parquet")

    table = pq.read_table(tmp_path / "out.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert ["int64", "int64", "double", "bool", "string"] == [
        types[name] for name in ("id", "whole", "x", "flag", "text")
    ]
    last = table.slice(rows).to_pylist()[0]
    assert {"id": rows, "whole": 7, "x": 0.5, "flag": False, "text": "a\nb", "empty": None} == last
    assert 1 < pq.read_metadata(tmp_path / "out.parquet").num_row_groups


def test_a_wide_table_has_fewer_rows_in_each_group(tmp_path: Path) -> None:
    """A group is in memory as a whole, so its cells are bounded, not its rows alone."""
    columns, rows = 4_000, 1_100
    lines = [",".join(f"c{number}" for number in range(columns)), *[",".join("1" * columns)] * rows]
    (tmp_path / "wide.csv").write_text("\n".join(lines))

    assert rows == convert(tmp_path / "wide.csv", tmp_path / "wide.parquet")
    assert 1 < pq.read_metadata(tmp_path / "wide.parquet").num_row_groups


def test_a_wide_and_long_table_has_few_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The footer describes each column of each group, and is read as a whole; what has neither form is refused."""
    columns, rows = 2_000, 2_000
    lines = [",".join(f"c{number}" for number in range(columns)), *[",".join("1" * columns)] * rows]
    (tmp_path / "wide.csv").write_text("\n".join(lines))
    monkeypatch.setattr(conversion, "_GROUP_CELLS", 600_000)
    monkeypatch.setattr(conversion, "_MOST_CHUNKS", 4_000)

    assert rows == convert(tmp_path / "wide.csv", tmp_path / "wide.parquet")
    assert 3 == pq.read_metadata(tmp_path / "wide.parquet").num_row_groups

    monkeypatch.setattr(conversion, "_MOST_GROUP_CELLS", 1_900_000)
    with pytest.raises(ManifestError, match="2,000 rows of 2,000 columns, which no parquet file holds well"):
        convert(tmp_path / "wide.csv", tmp_path / "wide.parquet")


def test_cells_mean_what_they_mean_in_a_manifest_in_memory(tmp_path: Path) -> None:
    """What stands for no value, integers that int64 does not hold, a column without a name, blank lines at the top."""
    (tmp_path / "in.csv").write_text("\n\nid,,x,y\n18446744073709551615,1,None,1.5\n2,2,<NA>,1e19\n")

    assert 2 == convert(tmp_path / "in.csv", tmp_path / "out.parquet")

    converted, read = read_table(tmp_path / "out.parquet"), read_table(tmp_path / "in.csv")
    assert ["id", "Unnamed: 1", "x", "y"] == converted.header == read.header
    for name in read.header:
        assert read.column(name).to_pylist() == converted.column(name).to_pylist(), name


def test_file_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    """Of which a reader finds none otherwise."""
    (tmp_path / "in.csv").write_text("a,b\n")

    assert 0 == convert(tmp_path / "in.csv", tmp_path / "out.parquet")
    assert ["a", "b"] == pq.read_schema(tmp_path / "out.parquet").names


def test_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`serotiny data convert in.csv out.parquet`."""
    (tmp_path / "in.csv").write_text("id\n1\n2\n")
    assert 0 == main(["data", "convert", str(tmp_path / "in.csv"), str(tmp_path / "out.parquet")])
    assert f"wrote 2 rows to {tmp_path}/out.parquet\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "content", "target", "message"),
    [
        ("in.csv", None, "out.parquet", "in.csv does not exist"),
        ("in.csv", "a,b\n1\n", "out.parquet", "in.csv: cannot be converted"),
        ("in.csv", "a,a\n1,2\n", "out.parquet", "column `a` is there 2 times"),
        ("in.csv", ",".join(map(str, range(50_001))), "out.parquet", "50,001 columns, and at most 50,000"),
        ("in.csv", "a" * 200_000 + ",b\n1,2\n", "out.parquet", "in.csv: cannot be converted: field larger"),
        ("in.csv", 'a,b\n1,"2\n', "out.parquet", "cannot be converted: unexpected end of data"),
        ("in.csv", "a\n1;2,5\n", "out.parquet", "columns are separated by commas"),
        (
            "in.csv",
            "id;x\n1;0,5\n",
            "out.parquet",
            "columns are separated by semicolons; save it with commas",
        ),
        ("in.csv", '\n"id"\t"x"\n1\t2\n', "out.parquet", "columns are separated by tabs; save it"),
        ("in.csv", "id\tx\n", "out.parquet", "columns are separated by tabs"),
        ("in.csv", "a\n\udcff\n", "out.parquet", "save it as UTF-8"),
        ("in.csv", "a\n" + "x" * 3_000_000, "out.parquet", "a row is longer than a megabyte"),
        ("in.csv", "a\n1\n", "out.csv", "a .csv file is written as a .parquet file"),
    ],
)
def test_what_cannot_be_converted_is_an_error_and_leaves_nothing(
    tmp_path: Path, source: str, content: str | None, target: str, message: str
) -> None:
    """The file is named, and no half of a target is there."""
    if content is not None:
        (tmp_path / source).write_text(content, errors="surrogateescape")
    with pytest.raises(ManifestError, match=message):
        convert(tmp_path / source, tmp_path / target)
    assert not (tmp_path / target).exists()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_plain_files_alone_are_replaced(tmp_path: Path, kind: str) -> None:
    """What else has the target's name stays."""
    (tmp_path / "in.csv").write_text("a\n1\n")
    target = tmp_path / "out.parquet"
    make = {"link": lambda file: file.symlink_to("x"), "pipe": os.mkfifo, "folder": Path.mkdir}
    make[kind](target)
    before = target.lstat()

    with pytest.raises(
        ManifestError, match=r"out\.parquet cannot be written: it is there, and is no plain file"
    ):
        convert(tmp_path / "in.csv", target)

    assert before.st_ino == target.lstat().st_ino
    assert {"in.csv", "out.parquet"} == {file.name for file in tmp_path.iterdir()}


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is no regular file is refused before it is opened."""
    os.mkfifo(tmp_path / "in.csv")

    with pytest.raises(ManifestError, match=r"in\.csv is no regular file"):
        convert(tmp_path / "in.csv", tmp_path / "out.parquet")
