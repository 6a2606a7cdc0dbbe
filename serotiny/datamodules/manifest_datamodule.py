"""A data module that loads batches from a manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset

from serotiny.datamodules.batches import ManifestLoader
from serotiny.datamodules.column_order import columns_of_keys, in_order, other_orders
from serotiny.datamodules.content import AnyLoader
from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.loading import LoadedSplit, Request, load_manifest
from serotiny.datamodules.rows import collate_rows
from serotiny.datamodules.sampler import EpochSampler
from serotiny.datamodules.shares import Shares
from serotiny.datamodules.split_datamodule import SplitDatamodule, Unread
from serotiny.datamodules.splits import SplitRule
from serotiny.datamodules.transport import SlotCollate
from serotiny.io.dataframe.loaders.decoded import FileLoader
from serotiny.io.dataframe.loaders.loader import ColumnarLoader
from serotiny.io.dataframe.loaders.preparation import Statistics
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split, file_of_split
from serotiny.manifest.selection import listing

_MOST_WORKERS = 8


class ManifestDatamodule(SplitDatamodule):
    """Batches from a manifest: a table with a row for each sample.

    A batch is a dictionary with the value of each loader for its rows: a tensor whose first dimension is the
    row, or a list for texts. The manifest is read, and all of its splits are checked, when the object is
    made, so that a fault in the test split is reported before the training. Only the columns that loaders and splits
    name are read. They are kept in memory as tensors, once for all splits and workers; files that cells name
    (images) are opened when their row is requested. A split that is not used need not exist.

    Args:
        path: A CSV or parquet file, or a folder with `train.csv`, `valid.csv` and `test.csv` (or the same
            as parquet). It must be on a local disk; a relative path is relative to the working directory.
        loaders: A loader for each key of the batch, the same for all splits; or such a mapping for each of
            `train`, `valid` and `test`, in which a split that is left out is not read. A loader is an object with
            `load(table)`, or any callable of a row.
        split_column: The column with the split of each row; for one file only, not for a folder.
        columns: The columns that may be read, all if `None`; those that the splits need are always read.
        split_map: From the values of the split column to `train`, `valid` and `test`, if they differ.
        just_inference: Use all rows, whatever their split, for testing and prediction (in the manifest's
            order), with the loaders of `test` if they are given for each split. Training is not possible then.
        shuffle: Use the training rows in a new order in each epoch; the other splits keep the manifest's order.
        seed: The seed of the shuffling, whose order depends only on it and on the epoch. `None` uses torch's current
            seed, which `seed_everything` sets.
        split: The share of each split, for example `{train: 0.8, valid: 0.1, test: 0.1}`, instead of a split column. The
            split of a row follows from a hash of its `split_id`, and does not change when rows are added.
        split_id: The column that identifies rows.
        split_group: A column whose rows with the same value stay in the same split, for example the patient.
        stratify: A column for each of whose values the rows are divided by the shares of `split`.
        split_seed: A seed of the division into splits.
        balanced: A column whose values are equally frequent in the training: rows are drawn with replacement.
        num_workers: The number of loading processes. `auto` uses none if all values are in memory, otherwise as many as
            there are processors, up to 8.
        pin_memory: Gather batches in page-locked memory; `None` does so if there is a GPU.
        **dataloader_kwargs: Passed to each `torch.utils.data.DataLoader` (except a sampler, which cannot fit all
            splits); `drop_last` only to that of the training, so that no row is left untested.

    Raises:
        ManifestError: a file is missing or cannot be read; a column is missing; a split has an unknown
            name, or all are empty; a loader is invalid or refuses a row. The message names file, column and value.
    """

    def __init__(
        self,
        path: str | Path,
        loaders: Mapping[str, Callable[..., Any] | ColumnarLoader]
        | Mapping[Literal["train", "valid", "test"], Mapping[str, Callable[..., Any] | ColumnarLoader]],
        split_column: str | None = None,
        columns: Sequence[str] | None = None,
        split_map: Mapping[str | int, Literal["train", "valid", "test"]] | None = None,
        just_inference: bool = False,
        shuffle: bool = True,
        seed: int | None = None,
        split: Mapping[Literal["train", "valid", "test"], float] | None = None,
        split_id: str | None = None,
        split_group: str | None = None,
        stratify: str | None = None,
        split_seed: int = 0,
        balanced: str | None = None,
        num_workers: int | Literal["auto"] = 0,
        pin_memory: bool | None = None,
        **dataloader_kwargs: Any,
    ) -> None:
        super().__init__()
        self.path = Path(path)
        self.just_inference = just_inference
        if dataloader_kwargs.get("batch_size", 1) is None:
            raise ManifestError("`batch_size` is null; batches of a manifest have a number of rows")
        if isinstance(columns, str):
            raise ManifestError(f"`columns` is a list of names, not the name `{columns}`")
        shares = None
        if split is not None:
            shares = Shares(of=split, column=split_id, group=split_group, stratify=stratify, seed=split_seed)
        elif split_id is not None or split_group is not None or stratify is not None:
            raise ManifestError(
                "`split_id`, `split_group` and `stratify` say how `split` divides the rows; give `split`"
            )
        self._request = Request(
            path=self.path,
            loaders=_loaders_by_split(loaders),
            rule=SplitRule(split_column, split_map, shares),
            columns=columns,
            balanced=balanced,
            inference=just_inference,
        )
        self._loaded = load_manifest(self._request)
        self.statistics: dict[str, Statistics] = _fitted(self._loaded)
        workers = _auto_workers(self._loaded) if num_workers == "auto" else num_workers
        if num_workers == "auto" and not workers:
            # what says how workers work is for those that there would be
            dataloader_kwargs.pop("persistent_workers", None)
            dataloader_kwargs.pop("prefetch_factor", None)
            dataloader_kwargs.pop("multiprocessing_context", None)
            dataloader_kwargs.pop("timeout", None)
        if workers and any(
            _is_cached_in_memory(loader)
            for group in self._request.loaders.values()
            for loader in group.values()
        ):
            # the cache is the worker's, and would end with it after each epoch
            dataloader_kwargs.setdefault("persistent_workers", True)
        if pin_memory is None:
            pin_memory = torch.cuda.is_available()
        # a batch is pinned before it could be expanded here, and what is expanded is new memory, which is not pinned
        collate = SlotCollate() if workers and not pin_memory else collate_rows
        dataloader_kwargs.setdefault("collate_fn", collate)
        datasets = _datasets(self._loaded)
        self._dataloaders: dict[Split, DataLoader[dict[str, Any]]] = {}
        if "train" in datasets:
            self._dataloaders["train"] = ManifestLoader(
                datasets["train"],
                sampler=_sampler(self._loaded, torch.initial_seed() if seed is None else seed)
                if shuffle
                else None,
                batch_sampler=None,
                num_workers=workers,
                pin_memory=pin_memory,
                **dataloader_kwargs,
            )
        dataloader_kwargs.pop("drop_last", None)
        for name in datasets.keys() - {"train"}:
            # Passed by name, so that a sampler in the config is refused: it cannot fit the rows of all splits.
            self._dataloaders[name] = ManifestLoader(
                datasets[name],
                sampler=None,
                batch_sampler=None,
                num_workers=workers,
                pin_memory=pin_memory,
                **dataloader_kwargs,
            )

    def state_dict(self) -> dict[str, Any]:
        """The statistics of the training rows, by which values are filled and scaled, and the order of columns."""
        return {
            "statistics": {key: dict(found) for key, found in self.statistics.items()},
            "columns": columns_of_keys(self._loaded),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Fill and scale by the statistics in a checkpoint, instead of those of the current rows, in its order of columns."""
        given = state_dict.get("statistics", {})
        columns = other_orders(columns_of_keys(self._loaded), state_dict.get("columns", {}))
        is_prepared = any(loaded.content.is_prepared for loaded in self._loaded)
        if columns or (is_prepared and not _are_equal(given, self.statistics)):
            # values are prepared in place, so they have to be loaded again to be prepared in another way
            self._request = in_order(self._request, columns)
            for loaded, anew in zip(self._loaded, load_manifest(self._request), strict=True):
                loaded.content.values, loaded.content.is_prepared = anew.content.values, False
                loaded.content.columns = anew.content.columns
        self.statistics = {key: dict(found) for key, found in given.items()}

    def _dataloader(self, split: Split) -> DataLoader[dict[str, Any]]:
        self.expect(split)
        for loaded in self._loaded:
            loaded.content.prepare(self.statistics)
        return self._dataloaders[split]

    def _unread(self) -> Iterator[Unread]:
        for content in {id(loaded.content): loaded.content for loaded in self._loaded}.values():
            for key, rows in content.skipped().items():
                yield Unread(content.path, key, rows, len(content.values[key]))

    def expect(self, split: Split) -> None:
        """Check that a split has rows.

        Raises:
            ManifestError: it has none; the message says why.
        """
        if split in self._dataloaders:
            return
        if self.just_inference:
            raise ManifestError(f"{self.path}: no rows for `{split}` with `just_inference: true`")
        if split not in self._request.loaders:
            raise ManifestError(f"{self.path}: `loaders` has none for split `{split}`")
        if self.path.is_dir():
            file_of_split(self.path, split)
        raise ManifestError(f"{self.path}: split `{split}` has no rows{self._request.rule.reason(split)}")


def _loaders_by_split(loaders: Mapping[Any, Any]) -> dict[Split, dict[str, AnyLoader]]:
    """The loaders of each split that has some."""
    nested = [key for key, value in loaders.items() if isinstance(value, Mapping)]
    if not nested:
        checked = _check_loaders("loaders", loaders)
        return dict.fromkeys(SPLITS, checked)
    for key in loaders:
        if key in nested and key not in SPLITS:
            raise ManifestError(
                f"`loaders.{key}` is a mapping, not a loader; is its `_target_` missing? "
                f"Only the splits {listing(SPLITS)} have mappings"
            )
        if key not in nested:
            raise ManifestError(
                f"`loaders` has `{key}` beside the mapping `{nested[0]}`; give loaders for each split or for all"
            )
    return {split: _check_loaders(f"loaders.{split}", loaders[split]) for split in SPLITS if split in loaders}


def _check_loaders(name: str, loaders: Mapping[Any, Any]) -> dict[str, AnyLoader]:
    if not loaders:
        raise ManifestError(f"`{name}` is empty")
    for key, loader in loaders.items():
        if not callable(loader) and not isinstance(loader, ColumnarLoader):
            raise ManifestError(
                f"`{name}.{key}` is a {type(loader).__name__}, not a loader "
                "(a callable of a row, or an object with `load`)"
            )
    return {str(key): loader for key, loader in loaders.items()}


def _fitted(loaded: Sequence[LoadedSplit]) -> dict[str, Statistics]:
    return {
        key: found
        for item in loaded
        if item.split == "train"
        for key, found in item.content.fit(item.positions).items()
    }


def _datasets(loaded: Sequence[LoadedSplit]) -> dict[Split, Dataset[dict[str, Any]]]:
    by_split: dict[Split, list[ManifestDataset]] = {}
    for item in loaded:
        by_split.setdefault(item.split, []).append(ManifestDataset(item.content, item.positions))
    return {split: parts[0] if len(parts) == 1 else ConcatDataset(parts) for split, parts in by_split.items()}


def _sampler(loaded: Sequence[LoadedSplit], seed: int) -> EpochSampler:
    train = next(item for item in loaded if item.split == "train")
    return EpochSampler(len(train.positions), seed, train.classes)


def _auto_workers(loaded: Sequence[LoadedSplit]) -> int:
    if all(item.content.is_in_memory for item in loaded):
        return 0
    # the processors that this process may use, not all of the machine
    return min(_MOST_WORKERS, len(os.sched_getaffinity(0)))


def _is_cached_in_memory(loader: AnyLoader) -> bool:
    return isinstance(loader, FileLoader) and loader.cache == "memory"


def _are_equal(left: Mapping[str, Statistics], right: Mapping[str, Statistics]) -> bool:
    return left.keys() == right.keys() and all(
        left[key].keys() == right[key].keys()
        and all(torch.equal(left[key][name], right[key][name]) for name in left[key])
        for key in left
    )
