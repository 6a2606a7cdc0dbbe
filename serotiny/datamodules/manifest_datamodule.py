"""Batches of a manifest's rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset

from serotiny.datamodules.batches import ManifestLoader
from serotiny.datamodules.content import AnyLoader
from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.loading import LoadedSplit, Request, load_manifest
from serotiny.datamodules.rows import collate_rows
from serotiny.datamodules.sampler import EpochSampler
from serotiny.datamodules.shares import Shares
from serotiny.datamodules.split_datamodule import SplitDatamodule, Unread
from serotiny.datamodules.splits import SplitRule
from serotiny.io.dataframe.loaders.loader import ColumnarLoader
from serotiny.io.dataframe.loaders.preparation import Statistics
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split, file_of_split
from serotiny.manifest.selection import listing

_MOST_WORKERS = 8


class ManifestDatamodule(SplitDatamodule):
    """Batches from a manifest: a table with a row for each sample.

    A batch is a dictionary with what each loader makes of its rows: a tensor whose first dimension is the
    row, or a list for texts. The manifest is read, and all of its splits are checked, when the object is
    made: a fault in the test split shows before the training, not after it. Only the columns that the loaders and the
    splits name are read. They are then held in memory as tensors, once for all splits and workers; files that cells name
    (images) are opened when their row is asked for. A split that nothing asks for need not be there.

    Args:
        path: A CSV or parquet file, or a folder with `train.csv`, `valid.csv` and `test.csv` (or the same
            as parquet). On a local disk; a relative path starts from the working directory.
        loaders: A loader for each key of the batch, the same for all splits; or such a mapping for each of
            `train`, `valid` and `test`. A split that is left out there is not read. A loader is an object with
            `load(table)`, or any callable of a row.
        split_column: The column that says the split of a row; for one file, wrong for a folder.
        columns: The columns to read at most, all when `None`; those that say the split are read in any case.
        split_map: From the values of the split column to `train`, `valid` and `test`, when they are others.
        just_inference: Take all rows, whatever their split, for testing and prediction (in the manifest's
            order), with the loaders of `test` when they are given for each split. There is nothing to train on.
        shuffle: Show the training rows in a new order in each epoch; the other splits keep the manifest's.
        seed: Of the shuffling, whose order depends on it and on the epoch alone. `None` takes torch's seed of the
            moment, which `seed_everything` sets.
        split: The share of each split, for example `{train: 0.8, valid: 0.1, test: 0.1}`, in place of a split column. A row
            goes where a hash of its `split_id` says, and stays there when rows are added.
        split_id: The column that tells rows apart.
        split_group: A column whose rows of one value stay in one split, for example the patient.
        stratify: A column each of whose values is divided in the shares of `split`.
        split_seed: Another one divides the rows otherwise.
        balanced: A column each of whose values is as frequent as the others in the training: rows are drawn with
            replacement.
        num_workers: Processes that load. `auto` takes none when all is in memory, else as many as there are processors,
            up to 8.
        pin_memory: Gather batches in page-locked memory; `None` does so where there is a GPU.
        **dataloader_kwargs: Handed to each `torch.utils.data.DataLoader` (but no sampler, which would be that of all
            splits); `drop_last` to that of the training only, so that no row is left untested.

    Raises:
        ManifestError: a file is missing or cannot be read; a column is missing; a split has an unknown
            name, or all are empty; a loader is none or refused a row. Names the file, the column and the value.
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
        if pin_memory is None:
            pin_memory = torch.cuda.is_available()
        dataloader_kwargs.setdefault("collate_fn", collate_rows)
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
            # Named here, a sampler in the config is refused: one cannot fit the rows of all splits.
            self._dataloaders[name] = ManifestLoader(
                datasets[name],
                sampler=None,
                batch_sampler=None,
                num_workers=workers,
                pin_memory=pin_memory,
                **dataloader_kwargs,
            )

    def state_dict(self) -> dict[str, Any]:
        """What the rows of the training decided: by what values are filled and scaled."""
        return {"statistics": {key: dict(found) for key, found in self.statistics.items()}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Fill and scale by what a checkpoint says, whatever rows are here."""
        given = state_dict.get("statistics", {})
        if not _are_equal(given, self.statistics) and any(
            loaded.content.is_prepared for loaded in self._loaded
        ):
            # values are prepared in place: to prepare them otherwise they are loaded anew
            for loaded, anew in zip(self._loaded, load_manifest(self._request), strict=True):
                loaded.content.values, loaded.content.is_prepared = anew.content.values, False
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
        """See that a split has rows.

        Raises:
            ManifestError: it has none; says why.
        """
        if split in self._dataloaders:
            return
        if self.just_inference:
            raise ManifestError(f"{self.path}: no rows for `{split}` with `just_inference: true`")
        if split not in self._request.loaders:
            raise ManifestError(f"{self.path}: `loaders` has none for split `{split}`")
        if self.path.is_dir():
            file_of_split(self.path, split)
        column = self._request.rule.column
        where = "" if column is None else f" in column `{column}`"
        raise ManifestError(f"{self.path}: split `{split}` has no rows{where}")


def _loaders_by_split(loaders: Mapping[Any, Any]) -> dict[Split, dict[str, AnyLoader]]:
    """The loaders of each split that has any."""
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
    # those that this process may use, not those that the machine has
    return min(_MOST_WORKERS, len(os.sched_getaffinity(0)))


def _are_equal(left: Mapping[str, Statistics], right: Mapping[str, Statistics]) -> bool:
    return left.keys() == right.keys() and all(
        left[key].keys() == right[key].keys()
        and all(torch.equal(left[key][name], right[key][name]) for name in left[key])
        for key in left
    )
