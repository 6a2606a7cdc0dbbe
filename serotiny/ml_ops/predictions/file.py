"""Write the file of predictions batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from serotiny.diagnostics.counts import counted
from serotiny.ml_ops.predictions.tables import PredictionsError, as_table

LOADER = "dataloader"
ID_LABELS = ("id", "index")
_GROUP_ROWS = 65_536
_GROUP_BYTES = 16 * 1024 * 1024
_MERGED_ROWS = 8192


class PredictionFile:
    """A parquet file that is written batch by batch, with a buffer of some tens of megabytes at most.

    As a context manager it is closed at the end. The caller renames the file to its final name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._rows = self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Add rows.

        Raises:
            PredictionsError: their columns or types differ from those of the first rows.
        """
        self._waiting.append(table)
        self._rows += table.num_rows
        self._bytes += table.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting, promote_options="permissive")
        self._waiting, self._rows, self._bytes = [], 0, 0
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema)
        try:
            self._writer.write_table(table.select(self._writer.schema.names).cast(self._writer.schema))
        except (pa.ArrowException, KeyError) as error:
            raise PredictionsError(
                f"`predict_step` gave columns of other names or types than for the first rows: {error}"
            ) from error


def with_ids(table: pa.Table, batch: Any) -> pa.Table:
    """The predictions with the batch's `id` and `index` added, if the model has not returned them.

    Raises:
        PredictionsError: the predictions are not a row for each sample of the batch.
    """
    if not isinstance(batch, Mapping):
        return table
    missing = {
        label: batch[label] for label in ID_LABELS if label in batch and label not in table.column_names
    }
    for label, values in reversed(missing.items()):
        ids = as_table({label: values})
        if len(ids) != len(table):
            raise PredictionsError(
                f"`predict_step` gave {counted(len(table), 'row')} for a batch of {len(ids)}; give the model a method "
                "`save_predictions(preds, output_dir)`"
            )
        table = table.add_column(0, label, ids[label])
    return table


def joined(shares: list[Path]) -> Iterator[pa.Table]:
    """The rows of all processes in order: of n processes, process k has the rows k, k + n, k + 2n, … of a loader."""
    files = [pq.ParquetFile(share, pre_buffer=False) for share in shares]
    try:
        counts = [_rows_by_loader(file) for file in files]
        cursors = [_Cursor(file) for file in files]
        for loader in range(max(map(len, counts))):
            left = [count[loader] if loader < len(count) else 0 for count in counts]
            while any(left):
                taken = [min(rows, _MERGED_ROWS) for rows in left]
                tables = [cursor.take(rows) for cursor, rows in zip(cursors, taken, strict=True)]
                order = np.argsort(
                    np.concatenate([np.arange(rows) * len(shares) + k for k, rows in enumerate(taken)])
                )
                yield pa.concat_tables(tables).take(pa.array(order))
                left = [rows - done for rows, done in zip(left, taken, strict=True)]
    finally:
        for file in files:
            file.close()


def _rows_by_loader(file: pq.ParquetFile) -> list[int]:
    if LOADER not in file.schema_arrow.names:
        return [file.metadata.num_rows]
    return [int(count) for count in np.bincount(file.read(columns=[LOADER])[LOADER].to_numpy())]


class _Cursor:
    """Reads a file in pieces of any number of rows."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._batches = file.iter_batches(batch_size=_MERGED_ROWS)
        self._rest = file.schema_arrow.empty_table()

    def take(self, rows: int) -> pa.Table:
        while len(self._rest) < rows:
            self._rest = pa.concat_tables([self._rest, pa.Table.from_batches([next(self._batches)])])
        taken, self._rest = self._rest.slice(0, rows), self._rest.slice(rows)
        return taken


def write_all(tables: Iterator[pa.Table], path: Path, as_csv: bool) -> None:
    """Write tables to one file, parquet or CSV, in order."""
    first = next(tables)
    first = flattened(first) if as_csv else first
    make = pyarrow.csv.CSVWriter if as_csv else pq.ParquetWriter
    with make(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(flattened(table) if as_csv else table)


def flattened(table: pa.Table) -> pa.Table:
    """Replace each column of lists by a column for each entry: `embedding_0`, `embedding_1` and so on.

    Raises:
        PredictionsError: the lists differ in length.
    """
    columns: dict[str, Any] = {}
    for name in table.column_names:
        columns.update(_plain_columns(name, table[name].combine_chunks()))
    return pa.table(columns)


def _plain_columns(name: str, column: Any) -> Iterator[tuple[str, Any]]:
    if not pa.types.is_fixed_size_list(column.type):
        if pa.types.is_nested(column.type):
            raise PredictionsError(f"`{name}` cannot be written as CSV: its entries differ in length")
        yield name, column
        return
    size = column.type.list_size
    for index in range(size):
        yield from _plain_columns(f"{name}_{index}", column.flatten()[index::size])
