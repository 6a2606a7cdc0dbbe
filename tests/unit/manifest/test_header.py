"""The header of a manifest, read without pandas and pyarrow, is the one that they read."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.io.dataframe.table import read_table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.header import check_first_rows, read_header

NESTED = pa.table(
    {
        "id": pa.array([1, 2]),
        "größe": pa.array([[1, 2], [3]]),
        "where": pa.array([{"x": 1, "y": {"z": [1.0]}}, {"x": 2, "y": {"z": []}}]),
        "tags": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        "kind": pa.array(["a", "b"]).dictionary_encode(),
        "when": pa.array([0, 1], pa.timestamp("us", "UTC")),
        "price": pa.array([1, 2]).cast(pa.decimal128(21, 2)),
        "last": pa.array([True, None]),
    }
)

MANY = bytes.fromhex("80 80 9a a6 ea af e3 01")
"""A thousand million million in Thrift's compact protocol."""


def _parquet(footer: bytes) -> bytes:
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_header_of_parquet_is_that_of_pyarrow(tmp_path: Path, version: str) -> None:
    """Nested, encoded and annotated columns count once, in the file's order."""
    file = tmp_path / "manifest.parquet"
    pq.write_table(NESTED.replace_schema_metadata({"key": "value"}), file, version=version)

    assert NESTED.column_names == read_header(file)


def test_header_of_wide_parquet_is_read(tmp_path: Path) -> None:
    """A list of more than fourteen elements is written in another form."""
    names = [f"pixel_{number}" for number in range(3000)]
    pq.write_table(pa.table({name: [1] for name in names}), tmp_path / "wide.parquet")

    assert names == read_header(tmp_path / "wide.parquet")


@pytest.mark.parametrize("read", [read_header, read_table])
@pytest.mark.parametrize(
    ("text", "separator"),
    [("id\tx\n1\t2\n", "tabs"), ("id;x\n1;0,5\n", "semicolons"), ('\n"id";"x"\n', "semicolons")],
)
def test_other_separators_than_commas_are_told(
    tmp_path: Path, read: Callable[[Path], object], text: str, separator: str
) -> None:
    """They would make one column of all."""
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ManifestError, match=f"its columns are separated by {separator}; save it with commas"):
        read(tmp_path / "m.csv")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,x\n", "it has a header and no rows"),
        ("id,x\n\n\n", "it has a header and no rows"),
        ("id,x\n1,2\n1,2,3\n", "line 3 has 3 cells, and the header 2 names"),
        ("id,x\n1\n", "line 2 has 1 cell, and the header 2 names"),
        ('\nid,x\n"1\n",2\n\n1\n', "line 6 has 1 cell, and the header 2 names"),
    ],
)
def test_first_rows_that_cannot_be_read_are_told(tmp_path: Path, text: str, reason: str) -> None:
    """A training would refuse the file."""
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ManifestError, match=reason):
        check_first_rows(tmp_path / "m.csv")


@pytest.mark.parametrize(
    "text", ['id,x\n1,"a\nb,c"\n2,d\n', "id,x,\n1,2,\n", "id\n1\n\n2\n", '\ufeffid,"x, y"\n1,2\n']
)
def test_first_rows_that_can_be_read_are_sound(tmp_path: Path, text: str) -> None:
    """Of line breaks and commas in quotes, names that are empty, lines that are, and a byte order mark."""
    (tmp_path / "m.csv").write_text(text, "utf-8")
    check_first_rows(tmp_path / "m.csv")
    assert read_table(tmp_path / "m.csv").header == read_header(tmp_path / "m.csv")


@pytest.mark.parametrize(
    "lines",
    [
        [",".join(f"a column named {number:08}" for number in range(300_000))] * 2,
        ["id,x", *(f'{number},"{"a line" * 9_000}\n{"a line" * 9_000}"' for number in range(100))],
    ],
    ids=["long lines", "long cells"],
)
def test_first_rows_that_are_longer_than_what_is_read_are_not_judged(
    tmp_path: Path, lines: list[str]
) -> None:
    """A row that is cut off is neither missing nor short of cells."""
    (tmp_path / "m.csv").write_text("\n".join([*lines, ""]))

    check_first_rows(tmp_path / "m.csv")


def test_parquet_without_rows_is_told(tmp_path: Path) -> None:
    """Its footer says how many there are."""
    pq.write_table(NESTED, tmp_path / "sound.parquet")
    pq.write_table(NESTED.slice(0, 0), tmp_path / "empty.parquet")

    check_first_rows(tmp_path / "sound.parquet")
    with pytest.raises(ManifestError, match="it has columns and no rows"):
        check_first_rows(tmp_path / "empty.parquet")


@pytest.mark.parametrize("text", ['"a;b"\n1\n', "a;b\n1\n", "a\tb,c\n1,2\n"])
def test_separators_in_a_name_are_none(tmp_path: Path, text: str) -> None:
    """Of quoted names, and where the rows do not have as many columns."""
    (tmp_path / "m.csv").write_text(text)
    assert read_table(tmp_path / "m.csv").header == read_header(tmp_path / "m.csv")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_header_is_that_of_the_table_that_is_loaded(tmp_path: Path, suffix: str) -> None:
    """An unnamed index and a column without a name are called as the loaders will see them."""
    file = tmp_path / f"manifest.{suffix}"
    frame = pd.DataFrame({"a": [1], "b, c": [2]}, index=[7])
    frame.to_csv(file) if suffix == "csv" else frame.to_parquet(file)

    assert read_table(file).header == read_header(file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffid,split\n1,train\n", ["id", "split"]),
        ('"a, b","say ""x"""\n', ["a, b", 'say "x"']),
        ("\n\nid,split\r\n", ["id", "split"]),
        ('"two\nlines",b\n', ["two\nlines", "b"]),
    ],
)
def test_csv_header_is_read_as_csv(tmp_path: Path, text: str, expected: list[str]) -> None:
    """A byte order mark, quotes, empty lines and line breaks inside quotes are CSV's own."""
    (tmp_path / "m.csv").write_bytes(text.encode())

    assert expected == read_header(tmp_path / "m.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", b"", "the file is empty"),
        ("m.csv", b"a,b,a\n", "column `a` is there 2 times"),
        ("m.csv", b"\xff\xfe\x00", "not a readable csv file"),
        ("m.csv", b"," * 9_000_000, "more than 1,000,000 commas"),
        ("m.txt", b"a", "cannot read `.txt` files; give one of .csv, .parquet"),
        ("m.parquet", b"PAR1", "too short for one"),
        ("m.parquet", b"id,split\n1,train\n", "it does not end like one"),
        ("m.parquet", b"PAR1\xff\xff\xff\x7fPAR1", "its footer is damaged"),
        ("m.parquet", b"PAR1" + b"\x19" * 8 + b"\x08\0\0\0PAR1", "its footer is damaged"),
        # lists and maps of a thousand million million items, of a byte, eight bytes and two bytes, that are not there
        ("m.parquet", _parquet(b"\x19\xf3" + MANY), "its footer is damaged"),
        ("m.parquet", _parquet(b"\x19\xf7" + MANY), "its footer is damaged"),
        ("m.parquet", _parquet(b"\x1b" + MANY + b"\x33"), "its footer is damaged"),
        # a number of a million bytes
        ("m.parquet", _parquet(b"\x16" + b"\xff" * 1_000_000), "its footer is damaged"),
        # two million columns without a name
        ("m.parquet", _parquet(b"\x29\xfc\x80\x89\x7a" + b"\0" * 2_000_000), "more than 1,500,000 fields"),
    ],
)
def test_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """What is no table is an error that names the file and its fault."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ManifestError, match=re.escape(message)) as caught:
        read_header(tmp_path / name)

    assert name in str(caught.value)


@pytest.mark.parametrize("read", [read_header, read_table])
def test_a_table_with_more_rows_than_its_file_can_hold_is_refused(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    """Its footer names the same rows again and again; a large table whose cells are all the same is one."""
    pq.write_table(pa.table({"split": pa.repeat("train", 1_000_000)}), tmp_path / "once.parquet")
    for name, times in (("much", 10), ("more", 100)):
        footer, once = (pq.read_metadata(tmp_path / "once.parquet") for _ in range(2))
        for _ in range(times - 1):
            footer.append_row_groups(once)
        footer.write_metadata_file(tmp_path / "footer")
        rows = (tmp_path / "once.parquet").read_bytes()[4:]
        content = b"PAR1" + rows + (tmp_path / "footer").read_bytes()[4:]
        (tmp_path / f"{name}.parquet").write_bytes(content)

    assert read(tmp_path / "much.parquet")
    with pytest.raises(
        ManifestError, match=r"more\.parquet: it claims 100,000,000 rows in .* bytes; more than"
    ):
        read(tmp_path / "more.parquet")


@given(st.binary(max_size=200))
def test_damaged_footer_is_never_anything_else_than_an_error(
    tmp_path_factory: pytest.TempPathFactory, footer: bytes
) -> None:
    """Whatever bytes stand where the footer should be, there are names or the error that says so."""
    file = tmp_path_factory.getbasetemp() / "damaged.parquet"
    file.write_bytes(_parquet(footer))

    with suppress(ManifestError):
        assert all(isinstance(name, str) for name in read_header(file))
