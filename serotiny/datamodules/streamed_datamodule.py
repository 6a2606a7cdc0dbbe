"""A data module that streams batches from tables that do not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Sampler

from serotiny.datamodules.batches import told_as_here
from serotiny.datamodules.sampler import processes
from serotiny.datamodules.split_datamodule import SplitDatamodule, Unread
from serotiny.datamodules.stream import ParquetStream, Shuffle
from serotiny.io.dataframe.loaders.classes import LoadClass
from serotiny.io.dataframe.loaders.loader import ColumnarLoader, Loader, columns_of
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import Split, streamed_files
from serotiny.manifest.header import read_header
from serotiny.manifest.selection import listing


class StreamedDatamodule(SplitDatamodule):
    """Batches from parquet files of any size, read as they are needed.

    The order of the training rows depends only on the seed and the epoch: row groups are shuffled, and so are the rows
    within a window of some groups. The other splits keep the order of the files. Each row is used once in an epoch,
    over all processes and workers. `serotiny data convert in.csv out.parquet` converts a CSV to parquet.

    Args:
        path: A folder with `train.parquet`, `valid.parquet` and `test.parquet`, or with a folder of shards (`*.parquet`,
            in the order of their names) instead of each.
        loaders: A columnar loader for each key of the batch. They must not need other rows: no `normalize`, no
            `on_missing` except `error`, and `classes` for LoadClass.
        batch_size: The number of rows of a batch.
        shuffle: Use the training rows in a new order in each epoch.
        window_rows: The number of rows that are in memory and mixed at a time.
        seed: The seed of the order; `None` uses torch's current seed, which `seed_everything` sets.
        drop_last: Leave out an incomplete last batch of the training.
        num_workers: The number of processes that load the training; each gets a part of the row groups. The other splits
            have one at most, which keeps their order.
        pin_memory: Copy batches to page-locked memory; `None` does so if there is a GPU.

    Raises:
        ManifestError: there are no files, a file cannot be read, a column is missing, a column of a `LoadColumn` without
            `dtype` has another type in a shard than in the first, a loader needs all rows, or a number of rows or processes
            is none.
    """

    def __init__(
        self,
        path: str | Path,
        loaders: Mapping[str, ColumnarLoader],
        batch_size: int = 256,
        shuffle: bool = True,
        window_rows: int = 65_536,
        seed: int | None = None,
        drop_last: bool = False,
        num_workers: int = 0,
        pin_memory: bool | None = None,
    ) -> None:
        super().__init__()
        if batch_size < 1:
            raise ManifestError(f"`batch_size` is {batch_size}; a batch has at least one row")
        if window_rows < 1:
            raise ManifestError(f"`window_rows` is {window_rows}; at least one row is in memory")
        if num_workers < 0:
            raise ManifestError(
                f"`num_workers` is {num_workers}; it is the number of processes, or 0 for none"
            )
        self.path = Path(path)
        _check_loaders(loaders)
        files = streamed_files(self.path)
        order = Shuffle(window_rows, torch.initial_seed() if seed is None else seed) if shuffle else None
        self._dataloaders: dict[Split, StreamLoader] = {}
        stream: ParquetStream | None = None
        for split, shards in files.items():
            is_training = split == "train"
            stream = ParquetStream(
                files=shards,
                loaders=loaders,
                columns=_columns(shards, loaders),
                batch_rows=batch_size,
                shuffle=order if is_training else None,
                drop_last=drop_last and is_training,
                types=None if stream is None else stream.types,
            )
            self._dataloaders[split] = StreamLoader(
                stream,
                batch_size=None,
                num_workers=num_workers if is_training else min(num_workers, 1),
                pin_memory=torch.cuda.is_available() if pin_memory is None else pin_memory,
            )

    def expect(self, split: Split) -> None:
        """Check that a split has files.

        Raises:
            ManifestError: it has none.
        """
        if split not in self._dataloaders:
            raise ManifestError(
                f"{self.path} has neither `{split}.parquet` nor a folder `{split}` with such files"
            )

    def _dataloader(self, split: Split) -> DataLoader[dict[str, Any]]:
        self.expect(split)
        return self._dataloaders[split]

    def _unread(self) -> Iterator[Unread]:
        for loader in self._dataloaders.values():
            yield from loader.stream.unread()


class StreamLoader(DataLoader[dict[str, Any]]):
    """A loader of a stream with a sampler through which Lightning and a resumed run set the epoch."""

    def __init__(self, dataset: ParquetStream, **options: Any) -> None:
        # Lightning makes the loader anew for predictions, with arguments by the names of torch's
        super().__init__(dataset, **options)
        self.stream = dataset
        # DataLoader refuses a sampler together with a stream, and does not use its own placeholder for it. Set past
        # `DataLoader.__setattr__`, which does not allow to set a sampler later.
        self.__dict__["sampler"] = _Epochs(dataset)

    @property
    def most_batches(self) -> int:
        """The number of batches of an epoch of one process, fewer if rows are left out.

        It is not `len`, by which Lightning would end an epoch, and which must be exact.
        """
        return self.stream.count_batches(max(1, self.num_workers))

    @property
    def most_rows(self) -> int:
        """The number of rows of an epoch of one process, fewer if rows are left out."""
        return -(-self.stream.rows // processes()[1])

    def __iter__(self) -> Any:
        # workers that are not forked do not know it
        self.stream.process = processes()
        return told_as_here(super().__iter__()) if self.num_workers else super().__iter__()


class _Epochs(Sampler[None]):
    """An infinite sampler without indices, which holds the epoch."""

    def __init__(self, stream: ParquetStream) -> None:
        self._stream = stream

    def set_epoch(self, epoch: int) -> None:
        if self._stream.shuffle is not None:
            self._stream.shuffle.epoch = epoch

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


def _check_loaders(loaders: Mapping[str, Any]) -> None:
    if not loaders:
        raise ManifestError("`loaders` is empty")
    for key, loader in loaders.items():
        if not isinstance(loader, ColumnarLoader):
            raise ManifestError(
                f"`loaders.{key}` is a {type(loader).__name__}; a stream takes loaders with `load`"
            )
        if isinstance(loader, LoadClass) and loader.classes is None:
            raise ManifestError(
                f"`loaders.{key}`: the labels of all rows are not known in a stream; give `classes`"
            )
        preparation = loader.preparation if isinstance(loader, Loader) else None
        if preparation is not None and (preparation.is_fitted or preparation.keeps_missing):
            raise ManifestError(
                f"`loaders.{key}`: `normalize` and `on_missing` need all rows, which a stream never has"
            )


def _columns(files: list[Path], loaders: Mapping[str, ColumnarLoader]) -> list[str]:
    header = read_header(files[0])
    columns: dict[str, None] = {}
    for key, loader in loaders.items():
        wanted = columns_of(loader)
        taken = header if wanted is None else wanted.of(header)
        if wanted is not None:
            for name, _ in wanted.names:
                if name not in header:
                    raise ManifestError(
                        f"{files[0]}: loader `{key}`: no column `{name}`; the columns are {listing(header)}"
                    )
        columns.update(dict.fromkeys(taken))
    return list(columns)
