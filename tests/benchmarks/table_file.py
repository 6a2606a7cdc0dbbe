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
    random = np.random.default_rng(0)
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("split", pa.string()),
            *((f"x_{number:03d}", pa.float32()) for number in range(columns)),
        ]
    )
    with TemporaryDirectory(prefix="serotiny-bench-") as folder:
        path = Path(folder) / f"table.{suffix}"
        writer = pyarrow.csv.CSVWriter if suffix == "csv" else pyarrow.parquet.ParquetWriter
        with writer(path, schema) as file:
            for start in range(0, rows, _GROUP_ROWS):
                count = min(_GROUP_ROWS, rows - start)
                values = random.standard_normal((columns, count), dtype=np.float32)
                cells = [
                    pa.array(range(start, start + count)),
                    pa.array(["train"] * count),
                    *map(pa.array, values),
                ]
                file.write_table(pa.table(cells, schema=schema))
        yield path
