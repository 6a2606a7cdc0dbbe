"""A manifest of random numbers, as large as a benchmark wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

ROWS = 200_000
COLUMNS = 100
_GROUP_ROWS = 50_000


@contextmanager
def table_file(suffix: str, rows: int = ROWS, columns: int = COLUMNS) -> Iterator[Path]:
    """A CSV or parquet file with `id`, `split` (all `train`) and float32 columns `x_…`."""
    with TemporaryDirectory(prefix="serotiny-bench-") as folder:
        path = Path(folder) / f"table.{suffix}"
        _write(path, range(rows), columns)
        yield path


@contextmanager
def table_shards(rows: int, shard_rows: int, columns: int = COLUMNS) -> Iterator[Path]:
    """A folder with `train`, a folder of parquet files of such a table; deleted in the end."""
    with TemporaryDirectory(prefix="serotiny-bench-") as folder:
        shards = Path(folder) / "train"
        shards.mkdir()
        for start in range(0, rows, shard_rows):
            _write(shards / f"{start:012d}.parquet", range(start, min(start + shard_rows, rows)), columns)
        yield Path(folder)


def _write(path: Path, rows: range, columns: int) -> None:
    random = np.random.default_rng(rows.start)
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("split", pa.string()),
            *((f"x_{number:03d}", pa.float32()) for number in range(columns)),
        ]
    )
    writer = pyarrow.csv.CSVWriter if path.suffix == ".csv" else pyarrow.parquet.ParquetWriter
    with writer(path, schema) as file:
        for start in range(rows.start, rows.stop, _GROUP_ROWS):
            count = min(_GROUP_ROWS, rows.stop - start)
            values = random.standard_normal((columns, count), dtype=np.float32)
            cells = [
                pa.array(range(start, start + count)),
                pa.array(["train"] * count),
                *map(pa.array, values),
            ]
            file.write_table(pa.table(cells, schema=schema))
