"""What the cells of a parquet file take in memory."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serotiny.datamodules import StreamedDatamodule
from serotiny.io.dataframe.loaders import LoadColumn
from serotiny.io.dataframe.table import read_table
from serotiny.manifest.errors import ManifestError

LONG = "x" * 100_000


def coded(count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, "int32")), pa.array([LONG]))


def lists(rows: int, items: pa.Array) -> pa.Array:
    ends = np.arange(rows + 1) * (len(items) // rows)
    return pa.ListArray.from_arrays(pa.array(ends.astype("int32")), items)


def written(file: Path, column: Any, encoding: str | None = None) -> Path:
    table = pa.table({"id": pa.array(range(len(column))), "cells": column})
    if encoding is None:
        pq.write_table(table, file, compression="zstd")
    else:
        pq.write_table(
            table, file, compression="zstd", use_dictionary=False, column_encoding={"cells": encoding}
        )
    return file


@pytest.mark.parametrize(
    ("column", "encoding"),
    [
        (coded(39_000), None),
        (pa.array([LONG] * 3_000), "DELTA_BYTE_ARRAY"),
        (pa.array([LONG] * 3_000), "PLAIN"),
        (pa.array([LONG.encode()] * 3_000, pa.binary(len(LONG))), None),
        (lists(100, coded(10_000)), None),
        (pa.StructArray.from_arrays([coded(10_000)], ["inner"]), None),
        (lists(1_000, pa.array(np.zeros(40_000_000))), None),
    ],
    ids=[
        "text",
        "differences",
        "plain",
        "fixed",
        "texts in lists",
        "texts in structures",
        "numbers in lists",
    ],
)
def test_a_small_file_of_large_cells_is_refused(
    tmp_path: Path, column: pa.Array, encoding: str | None
) -> None:
    """Before they are made; another column of the same file can be read."""
    file = written(tmp_path / "bomb.parquet", column, encoding)
    with pytest.raises(ManifestError, match=r"its cells take [\d,]+ bytes of memory or more, and it has"):
        read_table(file)
    assert 0 == read_table(file, ["id"]).column("id")[0].as_py()


def test_a_stream_refuses_it_before_it_reads(tmp_path: Path) -> None:
    written(tmp_path / "train.parquet", coded(39_000))
    with pytest.raises(ManifestError, match=r"train\.parquet: its cells take"):
        StreamedDatamodule(tmp_path, {"text": LoadColumn("cells")})


def random_texts(count: int, length: int) -> Sequence[str]:
    letters = random.Random(0)
    return ["".join(letters.choices(string.ascii_letters, k=length)) for _ in range(count)]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(random.Random(0).choices(random_texts(1_000, 40), k=1_000_000)),
        pa.array(random_texts(3_000, 3_000)),
        pa.array([LONG, *[None] * 999_999]),
        lists(10_000, pa.array(random.Random(0).choices(random_texts(100, 20), k=1_000_000))),
        lists(10_000, pa.array(np.random.default_rng(0).random(1_000_000))),
        pa.array([[("key", "value")]] * 100_000, pa.map_(pa.string(), pa.string())),
    ],
    ids=["labels", "long texts", "one long text", "texts in lists", "numbers in lists", "maps"],
)
def test_a_large_table_is_read(tmp_path: Path, column: pa.Array) -> None:
    """Also where the longest text times the number of rows would be too much."""
    file = written(tmp_path / "real.parquet", column)
    assert len(column) == len(read_table(file).column("cells"))
