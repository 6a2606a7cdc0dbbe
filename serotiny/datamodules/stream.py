"""Stream the rows of parquet files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch.utils.data import IterableDataset, get_worker_info

from serotiny.datamodules.content import AnyLoader, load
from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.rows import Rows, collate_rows, joined
from serotiny.datamodules.split_datamodule import Unread
from serotiny.io.dataframe.loaders.columns import LoadColumn, natural_type
from serotiny.io.dataframe.loaders.decoded import FileLoader
from serotiny.io.dataframe.parquet_size import check_size
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.parquet_footer import check_rows

_READ_ROWS = 8192


@dataclass
class Shuffle:
    """The order of a stream: row groups are shuffled in each epoch, and rows within a window of some groups.

    Attributes:
        window_rows: the number of rows that are in memory and mixed at a time.
        seed: the seed; the order depends only on it and the epoch.
        epoch: counted from 0.
    """

    window_rows: int
    seed: int
    epoch: int = 0

    def generator(self, *consumer: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence((abs(self.seed), self.epoch, *consumer)))


@dataclass(frozen=True)
class _Group:
    """A row group of a file, with the number of its first row in the file, and how many there are."""

    file: Path
    index: int
    first: int
    rows: int


@dataclass
class ParquetStream(IterableDataset[dict[str, Any]]):
    """Batches from parquet files, with each row once in an epoch, over all processes and workers.

    Shuffled row groups are distributed over processes and workers in equal parts, of which each begins and ends where it
    may in a group. In the order of the files, process k of n takes the rows k, k + n, …, as Lightning distributes those
    of other data. All processes have the same number of batches, since each would wait for the others after every step.
    Only a window of rows is in memory.

    Attributes:
        files: the files in order.
        loaders: columnar loaders by their key.
        columns: the columns that they take.
        batch_rows: the number of rows of a batch.
        shuffle: None to keep the order of the files.
        drop_last: whether to leave out an incomplete batch at the end.
        process: the number of this process, and of processes.
        types: a file with rows and its types, which a loader without one finds in all others too; None for the first file.
    """

    files: Sequence[Path]
    loaders: Mapping[str, AnyLoader]
    columns: Sequence[str]
    batch_rows: int
    shuffle: Shuffle | None = None
    drop_last: bool = False
    process: tuple[int, int] = (0, 1)
    types: tuple[Path, pa.Schema] | None = None
    _groups: list[_Group] = field(default_factory=list)
    _starts: dict[Path, int] = field(default_factory=dict)
    _rows: int = 0
    _failed: dict[str, torch.Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.files:
            first = 0
            self._starts[file] = self._rows
            with _opened(file, self.columns) as parquet:
                absent = [name for name in self.columns if name not in parquet.schema_arrow.names]
                if absent:
                    raise ManifestError(f"{file}: no column `{absent[0]}`, which {self.files[0].name} has")
                if parquet.metadata.num_rows:
                    self.types = self.types or (file, parquet.schema_arrow)
                    self._check_types(file, parquet.schema_arrow, *self.types)
                for index in range(parquet.num_row_groups):
                    rows = parquet.metadata.row_group(index).num_rows
                    self._groups.append(_Group(file, index, first, rows))
                    first += rows
            self._rows += first
        for key, loader in self.loaders.items():
            if isinstance(loader, FileLoader) and loader.on_error == "skip":
                # shared memory, in which workers mark rows that they could not read
                shared = torch.zeros(self._rows, dtype=torch.bool).share_memory_()  # type: ignore[no-untyped-call]
                self._failed[key] = shared

    def _check_types(self, file: Path, types: pa.Schema, first: Path, first_types: pa.Schema) -> None:
        """Check that a column whose type is that of its cells has the same one in all files, as in all rows of a batch."""
        for key, loader in self.loaders.items():
            if not isinstance(loader, LoadColumn) or loader.dtype is not None:
                continue
            here, there = (schema.field(loader.column).type for schema in (types, first_types))
            if natural_type(here) != natural_type(there):
                raise ManifestError(
                    f"{file}: column `{loader.column}` is {here}, and {there} in {first.parent.name}/{first.name}; "
                    f"give loader `{key}` a `dtype`"
                )

    def __iter__(self) -> Iterator[dict[str, Any]]:
        rank, count = self.process
        worker = get_worker_info()
        workers, own = (worker.num_workers, worker.id) if worker is not None else (1, 0)
        if self.shuffle is None:
            groups = self._groups[own::workers]
            tables = _every(count, rank, self._tables(groups, _READ_ROWS))
            batches = self._number_of_batches(sum(group.rows for group in groups), count, count)
            yield from self._batches(_windows(tables, _READ_ROWS), own, batches)
            return
        consumers, consumer, size = count * workers, rank * workers + own, self.shuffle.window_rows
        # the same order in all processes and workers, each of which takes its part
        groups = [self._groups[index] for index in self.shuffle.generator().permutation(len(self._groups))]
        start, end = (self._rows * number // consumers for number in (consumer, consumer + 1))
        tables = self._tables(groups, min(size, 4 * _READ_ROWS), start, end)
        batches = self._number_of_batches(self._rows, consumers, count)
        yield from self._batches(_windows(tables, size), consumer, batches)

    @property
    def rows(self) -> int:
        """The number of rows of all files."""
        return self._rows

    def count_batches(self, workers: int) -> int:
        """The number of batches of an epoch, over so many workers of one process; fewer if rows are left out."""
        if self.shuffle is None:
            parts = [sum(group.rows for group in self._groups[own::workers]) for own in range(workers)]
        else:
            parts = [
                self._rows * (own + 1) // workers - self._rows * own // workers for own in range(workers)
            ]
        return sum(map(self._batches_of, parts))

    def _batches_of(self, rows: int) -> int:
        return rows // self.batch_rows if self.drop_last else ceil(rows / self.batch_rows)

    def _number_of_batches(self, rows: int, consumers: int, processes: int) -> int | None:
        """How many batches each of so many consumers of these rows makes; None where they need not be as many."""
        least = rows // consumers
        if processes == 1 or not rows:
            return None
        if not least:
            raise ManifestError(
                f"{self.files[0]}: {rows} rows are too few for {consumers} processes and workers"
            )
        return self._batches_of(least)

    def _batches(
        self, windows: Iterator[list[Table]], consumer: int, number: int | None
    ) -> Iterator[dict[str, Any]]:
        """The batches of some windows; of a given number, the last one takes all the rest, if it is not dropped."""
        mixed = self.shuffle.generator(consumer) if self.shuffle is not None else None
        waiting: list[Rows] = []
        missing, made = self.batch_rows, 0
        for window in windows:
            parts = [ManifestDataset(load(table, self.loaders), torch.arange(len(table))) for table in window]
            rows = np.concatenate(
                [np.stack([np.full(len(part), k), np.arange(len(part))]) for k, part in enumerate(parts)],
                axis=1,
            )
            if mixed is not None:
                rows = rows[:, mixed.permutation(rows.shape[1])]
            whole = _Whole(parts)
            while rows.shape[1] and made != number:
                is_rest = number is not None and made == number - 1 and not self.drop_last
                chosen, rows = (rows, rows[:, :0]) if is_rest else (rows[:, :missing], rows[:, missing:])
                batch = whole.batch(chosen)
                if batch is not None:
                    waiting.append(batch)
                if is_rest:
                    continue
                # rows that are left out are replaced by the next ones, unless batches are counted
                missing -= chosen.shape[1] if number is not None else len(batch or ())
                if not missing:
                    yield _batch(waiting)
                    waiting, missing, made = [], self.batch_rows, made + 1
            self._note_unread(parts)
        if waiting and not self.drop_last:
            yield _batch(waiting)

    def unread(self) -> Iterator[Unread]:
        """The rows that were left out so far by all workers, by file."""
        ends = [*list(self._starts.values())[1:], self._rows]
        for key, failed in self._failed.items():
            for (file, start), end in zip(self._starts.items(), ends, strict=True):
                yield Unread(file, key, failed[start:end].nonzero()[:, 0].tolist(), end - start)

    def _note_unread(self, parts: Sequence[ManifestDataset]) -> None:
        for content in (part.content for part in parts):
            for key, rows in content.skipped().items():
                self._failed[key][self._starts[content.path] + torch.tensor(rows)] = True

    def _tables(
        self, groups: Sequence[_Group], most_rows: int, start: int = 0, end: int | None = None
    ) -> Iterator[Table]:
        """The rows from `start` to `end` of all rows of the groups."""
        at = 0
        for group in groups:
            first = max(start - at, 0)
            last = group.rows if end is None else min(end - at, group.rows)
            if first < last:
                yield from self._read(group, most_rows, first, last)
            at += group.rows

    def _read(self, group: _Group, most_rows: int, start: int, end: int) -> Iterator[Table]:
        at = 0
        with _opened(group.file) as parquet:
            try:
                for batch in parquet.iter_batches(most_rows, [group.index], list(self.columns)):
                    first, last = max(start - at, 0), min(end - at, batch.num_rows)
                    if first < last:
                        # in the order of the first file, whatever that of this one
                        cells = pa.Table.from_batches([batch.slice(first, last - first)])
                        numbers = np.arange(first, last) + group.first + at
                        yield Table(group.file, cells.select(list(self.columns)), numbers)
                    at += batch.num_rows
                    if at >= end:
                        return
            except (OSError, pa.ArrowException) as error:
                raise ManifestError(f"{group.file}: not a readable parquet file: {error}") from error


def _every(count: int, first: int, tables: Iterator[Table]) -> Iterator[Table]:
    """Of the rows of all tables together every `count`-th, from `first` on."""
    for table in tables:
        positions = np.arange(first, len(table), count)
        first = (first - len(table)) % count
        if len(positions):
            yield table if count == 1 else table.take(positions)


def _windows(tables: Iterator[Table], rows: int) -> Iterator[list[Table]]:
    """Windows of about so many rows, each as a table of each file in a row: a batch is gathered from few tables."""
    waiting: list[Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= rows:
            yield _by_file(waiting)
            waiting = []
    if waiting:
        yield _by_file(waiting)


def _by_file(tables: Sequence[Table]) -> list[Table]:
    """The same rows in the same order."""
    return [Table.joined([*group]) for _, group in groupby(tables, key=lambda table: table.path)]


class _Whole:
    """Several tables as one."""

    def __init__(self, parts: Sequence[ManifestDataset]) -> None:
        self._parts = parts

    def batch(self, rows: np.ndarray[Any, Any]) -> Rows | None:
        """The rows at the pairs (table, position), shape (2, n), in this order; None if none of them can be read."""
        if len(self._parts) == 1:
            read = self._parts[0].readable(torch.from_numpy(rows[1]))
            return _collated(read) if len(read) else None
        found, places = [], []
        for k, part in enumerate(self._parts):
            mine = np.flatnonzero(rows[0] == k)
            if not len(mine):
                continue
            read = part.readable(torch.from_numpy(rows[1, mine]))
            if len(read):
                found.append(_collated(read))
                places.append(mine if read.kept is None else mine[read.kept])
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        return joined(found).at(np.argsort(np.concatenate(places)).tolist())


def _collated(rows: Rows) -> Rows:
    return Rows(collate_rows(rows), len(rows), origin_of=rows.origin_of)


def _batch(parts: Sequence[Rows]) -> dict[str, Any]:
    """The batch of some rows.

    Raises:
        ManifestError: there is none, since no row of it can be read, or they differ in shape.
    """
    if not parts:
        raise ManifestError("of the rows of a batch, none can be read")
    return dict(joined(parts).columns)


def _opened(file: Path, measured: Collection[str] = ()) -> pq.ParquetFile:
    """A file, whose columns that are `measured` are not larger than it can hold."""
    try:
        # without reading ahead, which helps only on file systems with a high latency; manifests are on a local disk
        parquet = pq.ParquetFile(file, pre_buffer=False)
        check_rows(file, parquet.metadata.num_rows)
        if measured:
            check_size(file, parquet.metadata, measured)
    except ManifestError as error:
        raise ManifestError(f"{file}: {error}") from error
    except (OSError, pa.ArrowException) as error:
        raise ManifestError(f"{file}: not a readable parquet file: {error}") from error
    return parquet
