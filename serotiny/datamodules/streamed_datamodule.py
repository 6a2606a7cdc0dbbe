"""Batches of tables that do not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Sampler

from serotiny.datamodules.split_datamodule import SplitDatamodule, Unread
from serotiny.datamodules.stream import ParquetStream, Shuffle
from serotiny.io.dataframe.loaders.loader import ColumnarLoader, Loader, columns_of
from serotiny.io.dataframe.table import read_table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split
from serotiny.manifest.selection import listing


class StreamedDatamodule(SplitDatamodule):
    """Batches from parquet files of any size, read as they are asked for.

    The rows of the training come in an order that follows from the seed and the epoch alone: row groups are shuffled, and
    the rows of a window of some of them. The other splits keep the order of the files. Each row comes once in an epoch,
    over all processes and workers. A CSV becomes parquet by `serotiny data convert in.csv out.parquet`.

    Args:
        path: A folder with `train.parquet`, `valid.parquet` and `test.parquet`, or with a folder of shards (`*.parquet`,
            in the order of their names) in place of each.
        loaders: A columnar loader for each key of the batch. What they load may need no other rows: no `normalize`, no
            `on_missing` but `error`, and `classes` for LoadClass.
        batch_size: The rows of a batch.
        shuffle: Show the rows of the training in a new order in each epoch.
        window_rows: How many rows are held in memory and mixed at a time.
        seed: Of the order; `None` takes torch's seed of the moment, which `seed_everything` sets.
        drop_last: Leave out the training's incomplete batch at the end.
        num_workers: Processes that load the training; each gets row groups of its own. The other splits have one at most,
            which keeps their order.
        pin_memory: Copy batches to page-locked memory; `None` does so where there is a GPU.

    Raises:
        ManifestError: no files, a file that cannot be read, a column that is missing, or a loader that needs all rows.
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
        self.path = Path(path)
        _check_loaders(loaders)
        files = _files(self.path)
        order = Shuffle(window_rows, torch.initial_seed() if seed is None else seed) if shuffle else None
        self._dataloaders: dict[Split, StreamLoader] = {}
        for split, shards in files.items():
            is_training = split == "train"
            stream = ParquetStream(
                files=shards,
                loaders=loaders,
                columns=_columns(shards, loaders),
                batch_rows=batch_size,
                shuffle=order if is_training else None,
                drop_last=drop_last and is_training,
            )
            self._dataloaders[split] = StreamLoader(
                stream,
                batch_size=None,
                num_workers=num_workers if is_training else min(num_workers, 1),
                pin_memory=torch.cuda.is_available() if pin_memory is None else pin_memory,
            )

    def expect(self, split: Split) -> None:
        """See that a split has files.

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
    """A loader of a stream whose epoch is set like that of a sampler, which Lightning and a resumed run do."""

    def __init__(self, stream: ParquetStream, **options: Any) -> None:
        super().__init__(stream, **options)
        self.stream = stream
        # DataLoader allows no sampler beside a stream; what it puts there itself counts nothing either
        # past its `__setattr__`, which lets nobody set a sampler later
        self.__dict__["sampler"] = _Epochs(stream)


class _Epochs(Sampler[None]):
    """Says "another batch" for ever, and which epoch it is."""

    def __init__(self, stream: ParquetStream) -> None:
        self._stream = stream

    def set_epoch(self, epoch: int) -> None:
        if self._stream.shuffle is not None:
            self._stream.shuffle.epoch = epoch

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


def _files(folder: Path) -> dict[Split, list[Path]]:
    if folder.suffix.lower() == ".csv" or any((folder / f"{split}.csv").exists() for split in SPLITS):
        raise ManifestError(
            f"{folder}: a CSV is not streamed; write it as parquet, by `serotiny data convert in.csv out.parquet`"
        )
    found: dict[Split, list[Path]] = {}
    for split in SPLITS:
        one, shards = folder / f"{split}.parquet", sorted((folder / split).glob("*.parquet"))
        if one.exists() and shards:
            raise ManifestError(f"{folder} has both `{split}.parquet` and a folder `{split}`")
        if one.exists() or shards:
            found[split] = shards or [one]
    if not found:
        raise ManifestError(f"{folder} has no parquet file, and no folder of them, for {listing(SPLITS)}")
    return found


def _check_loaders(loaders: Mapping[str, Any]) -> None:
    if not loaders:
        raise ManifestError("`loaders` is empty")
    for key, loader in loaders.items():
        if not isinstance(loader, ColumnarLoader):
            raise ManifestError(
                f"`loaders.{key}` is a {type(loader).__name__}; a stream takes loaders with `load`"
            )
        preparation = loader.preparation if isinstance(loader, Loader) else None
        if preparation is not None and (preparation.is_fitted or preparation.keeps_missing):
            raise ManifestError(
                f"`loaders.{key}`: `normalize` and `on_missing` need all rows, which a stream never has"
            )


def _columns(files: list[Path], loaders: Mapping[str, ColumnarLoader]) -> list[str]:
    header = read_table(files[0]).header
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
