"""Reading manifests and making batches of them, against the least that it can take.

The sides of each ratio are measured in turns within one process, with as many threads of torch's as a job has.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import torch
from torch.utils.data import DataLoader, Dataset

from serotiny.datamodules import ManifestDatamodule, StreamedDatamodule
from serotiny.io.dataframe.loaders import LoadColumns
from tests.benchmarks.row import Row, table
from tests.benchmarks.table_file import COLUMNS, ROWS, table_file, table_shards

BATCH_ROWS = 256
_PASSES = 10
_READINGS = 6
_PEAKS = 5
_STREAMED_ROWS = 10_000_000
_SHARD_ROWS = 1_000_000


class _Rows(Dataset[dict[str, torch.Tensor]]):
    def __init__(self, values: torch.Tensor) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"x": self._values[index]}


def rows() -> Iterator[Row]:
    """All rows of the table."""
    with table_file("parquet") as path:
        yield from _epoch_rows(path)
        yield _memory_row(path, "parquet")
        yield _reading_row("parquet", path, 1.5)
        yield _streaming_row(path)
    with table_file("csv") as path:
        yield _memory_row(path, "CSV")
        yield _reading_row("CSV", path, 1.3)
    yield _growth_row()
    yield _streamed_memory_row()


def _module(path: Path) -> ManifestDatamodule:
    return ManifestDatamodule(
        path, {"x": LoadColumns(startswith="x_")}, "split", batch_size=BATCH_ROWS, seed=0
    )


def _pass(batches: object) -> None:
    for _ in batches:  # type: ignore[attr-defined]
        pass


def _whole(path: Path) -> None:
    _pass(_module(path).train_dataloader())


def _epoch_rows(path: Path) -> Iterator[Row]:
    data = _module(path)
    loader = data.train_dataloader()
    values = torch.cat([batch["x"] for batch in loader])

    def gathered() -> None:
        order = torch.randperm(len(values))
        for start in range(0, len(values), BATCH_ROWS):
            values.index_select(0, order[start : start + BATCH_ROWS])

    ours, least = _in_turns(lambda: _pass(loader), gathered, _PASSES)
    name = f"an epoch of {ROWS:,} x {COLUMNS} float32, batch {BATCH_ROWS} / gathering by torch.randperm"
    beside = "index_select, the fastest gathering that torch has"
    yield Row(name, _shown(ours, least), _ratio(ours, least), 1.3, beside=beside)
    by_row = DataLoader(_Rows(values), batch_size=BATCH_ROWS, shuffle=True)
    ours, slow = _in_turns(lambda: _pass(loader), lambda: _pass(by_row), 4)
    beside = f"with one thread {_with_one_thread(loader, by_row):.3f}"
    name = "the same / row by row and default collate"
    yield Row(name, _shown(ours, slow), _ratio(ours, slow), 1 / 20, beside=beside)


def _with_one_thread(loader: object, by_row: object) -> float:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _ratio(*_in_turns(lambda: _pass(loader), lambda: _pass(by_row), 4))
    finally:
        torch.set_num_threads(threads)


def _reading_row(kind: str, path: Path, bar: float) -> Row:
    read: Callable[[], object] = lambda: pyarrow.csv.read_csv(path)  # noqa: E731
    if path.suffix == ".parquet":
        read = lambda: pyarrow.parquet.read_table(path)  # noqa: E731
    ours, alone = _in_turns(lambda: _module(path), read, _READINGS)
    name = f"making the data module of {ROWS:,} x {COLUMNS} from {kind} / pyarrow's reading alone"
    return Row(name, _shown(ours, alone), _ratio(ours, alone), bar)


def _memory_row(path: Path, kind: str) -> Row:
    # what is read ahead depends on which thread comes first
    taken = median(_peak_memory(path) for _ in range(_PEAKS))
    size = 4 * ROWS * COLUMNS
    name = f"peak memory, {kind} in memory / the float32 table"
    return Row(name, f"{taken / 2**20:.0f} / {size / 2**20:.0f} MiB", taken / size, 2.2)


def _peak_memory(path: Path) -> int:
    """Bytes, in a process of its own."""
    command = (sys.executable, "-m", "tests.benchmarks.manifest_memory", str(path))
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _streaming_row(path: Path) -> Row:
    with TemporaryDirectory(prefix="serotiny-bench-") as folder:
        (Path(folder) / "train.parquet").symlink_to(path)
        loaders: dict[str, Any] = {"x": LoadColumns(startswith="x_")}
        streamed = StreamedDatamodule(folder, loaders, batch_size=BATCH_ROWS, seed=0)
        held, read = _in_turns(
            lambda: _whole(path),
            lambda: _pass(streamed.train_dataloader()),
            _READINGS,
        )
    name = "rows/s of a first epoch, streamed / in memory, reading included"
    return Row(name, _shown(read, held), _ratio(held, read), 0.5, at_least=True)


def _streamed_memory_row() -> Row:
    with table_shards(_STREAMED_ROWS, _SHARD_ROWS) as folder:
        taken = _peak_memory(folder)
    size = 4 * _STREAMED_ROWS * COLUMNS / 10**9
    return Row(f"peak memory, a table of {size:.1f} GB streamed", "", taken / 2**20, 1024, " MiB")


def _growth_row() -> Row:
    """An epoch and the reading, of a table and of one with ten times the rows."""
    with table_file("parquet", ROWS // 4) as few, table_file("parquet", 10 * (ROWS // 4)) as many:
        whole = _in_turns(lambda: _whole(many), lambda: _whole(few), _READINGS)
    name = f"reading and an epoch of {10 * (ROWS // 4):,} rows / of {ROWS // 4:,}, a row"
    return Row(name, _shown(*whole), _ratio(*whole) / 10, 1.1)


def _in_turns(
    first: Callable[[], object], second: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of each round; what else the machine does, and what one leaves to be freed, meets both alike."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        both = ((first, taken[0]), (second, taken[1]))
        for work, times in both if number % 2 else reversed(both):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return taken


def _ratio(first: list[float], second: list[float]) -> float:
    """The median of the rounds' ratios."""
    return median(one / other for one, other in zip(first, second, strict=True))


def _shown(*times: list[float]) -> str:
    return " / ".join(f"{median(taken):.3f} s" for taken in times)


if __name__ == "__main__":
    print(table(list(rows())))
