"""Batches of a manifest's rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytorch_lightning as pl
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset

from serotiny.datamodules.dataset import ManifestDataset
from serotiny.datamodules.rows import collate_rows
from serotiny.datamodules.sampler import EpochSampler
from serotiny.datamodules.splits import read_all_rows, read_splits
from serotiny.io.dataframe.loaders import Loader
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split
from serotiny.manifest.selection import listing

RowLoader = Callable[[pd.Series], Any]
"""What a row becomes under one key of the batch."""


class ManifestDatamodule(pl.LightningDataModule):
    """Batches from a manifest: a table with a row for each sample.

    A batch is a dictionary with what each loader makes of its rows: a tensor whose first dimension is the
    row, or a list for texts. The manifest is read, and all of its splits are checked, when the object is
    made: a fault in the test split shows before the training, not after it. Cells are then held in memory as
    tensors; files that they name (images) are opened when their row is asked for.

    Args:
        path: A CSV or parquet file, or a folder with `train.csv`, `valid.csv` and `test.csv` (or the same
            as parquet). On a local disk; a relative path starts from the working directory.
        loaders: A loader for each key of the batch, the same for all splits; or such a mapping for each of
            `train`, `valid` and `test`. A split that is left out there is not read. A loader is any callable of
            a row.
        split_column: The column that says the split of a row; needed for one file, wrong for a folder.
        columns: The columns to read, all when `None`; the split column is read in any case.
        split_map: From the values of the split column to `train`, `valid` and `test`, when they are others.
        just_inference: Take all rows, whatever their split, for testing and prediction (in the manifest's
            order), with the loaders of `test` when they are given for each split. There is nothing to train on.
        shuffle: Show the training rows in a new order in each epoch; the other splits keep the manifest's.
        seed: Of the shuffling, whose order depends on it and on the epoch alone. `None` takes torch's seed of the
            moment, which `seed_everything` sets.
        **dataloader_kwargs: Handed to each `torch.utils.data.DataLoader` (but no sampler, which would be that of all
            splits); `drop_last` to that of the training only, so that no row is left untested.

    Raises:
        ManifestError: a file is missing or cannot be read; a column is missing; a split has no rows or an unknown
            name; a loader is no callable or refused a row. Names the file, the column and the value.
    """

    def __init__(
        self,
        path: str | Path,
        loaders: Mapping[str, Callable[[pd.Series], Any]]
        | Mapping[Literal["train", "valid", "test"], Mapping[str, Callable[[pd.Series], Any]]],
        split_column: str | None = None,
        columns: Sequence[str] | None = None,
        split_map: Mapping[str | int, Literal["train", "valid", "test"]] | None = None,
        just_inference: bool = False,
        shuffle: bool = True,
        seed: int | None = None,
        **dataloader_kwargs: Any,
    ) -> None:
        super().__init__()
        self.path = Path(path)
        self.just_inference = just_inference
        by_split = _loaders_by_split(loaders)
        if isinstance(columns, str):
            raise ManifestError(f"`columns` is a list of names, not the name `{columns}`")
        if just_inference:
            datasets = _inference_datasets(self.path, columns, by_split)
        else:
            tables = read_splits(
                self.path, columns, split_column=split_column, split_map=split_map, wanted=list(by_split)
            )
            datasets = {
                split: ManifestDataset(table, _bind(by_split[split], list(tables.values())))
                for split, table in tables.items()
            }
        dataloader_kwargs.setdefault("collate_fn", collate_rows)
        self._dataloaders: dict[Split, DataLoader[dict[str, Any]]] = {}
        if "train" in datasets:
            rows = len(datasets["train"])  # type: ignore[arg-type]  # torch's Dataset does not declare __len__
            sampler = EpochSampler(rows, torch.initial_seed() if seed is None else seed) if shuffle else None
            self._dataloaders["train"] = DataLoader(
                datasets["train"], sampler=sampler, batch_sampler=None, **dataloader_kwargs
            )
        dataloader_kwargs.pop("drop_last", None)
        for split in datasets.keys() - {"train"}:
            # Named here, a sampler in the config is refused: one cannot fit the rows of all splits.
            self._dataloaders[split] = DataLoader(
                datasets[split], sampler=None, batch_sampler=None, **dataloader_kwargs
            )

    def train_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `train`."""
        return self._dataloader("train")

    def val_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `valid`."""
        return self._dataloader("valid")

    def test_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `test`; all rows with `just_inference`."""
        return self._dataloader("test")

    def predict_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows that are tested."""
        return self._dataloader("test")

    def _dataloader(self, split: Split) -> DataLoader[dict[str, Any]]:
        if split in self._dataloaders:
            return self._dataloaders[split]
        if self.just_inference:
            raise ManifestError(f"{self.path}: no rows for `{split}` with `just_inference: true`")
        raise ManifestError(f"{self.path}: `loaders` has none for split `{split}`")


def _loaders_by_split(
    loaders: Mapping[str, RowLoader] | Mapping[Split, Mapping[str, RowLoader]],
) -> dict[Split, dict[str, RowLoader]]:
    """The loaders of each split that has any."""
    given: Mapping[Any, Any] = loaders
    nested = [key for key, value in given.items() if isinstance(value, Mapping)]
    if not nested:
        checked = _check_loaders("loaders", given)
        return dict.fromkeys(SPLITS, checked)
    for key in given:
        if key in nested and key not in SPLITS:
            raise ManifestError(
                f"`loaders.{key}` is a mapping, not a loader; is its `_target_` missing? "
                f"Only the splits {listing(SPLITS)} have mappings"
            )
        if key not in nested:
            raise ManifestError(
                f"`loaders` has `{key}` beside the mapping `{nested[0]}`; give loaders for each split or for all"
            )
    return {split: _check_loaders(f"loaders.{split}", given[split]) for split in SPLITS if split in given}


def _check_loaders(name: str, loaders: Mapping[Any, Any]) -> dict[str, RowLoader]:
    if not loaders:
        raise ManifestError(f"`{name}` is empty")
    for key, loader in loaders.items():
        if not callable(loader):
            raise ManifestError(
                f"`{name}.{key}` is a {type(loader).__name__}, not a loader (a callable of a row)"
            )
    return {str(key): loader for key, loader in loaders.items()}


def _bind(loaders: dict[str, RowLoader], tables: Sequence[Table]) -> dict[str, RowLoader]:
    bound: dict[str, RowLoader] = {}
    for key, loader in loaders.items():
        try:
            bound[key] = loader.bind(tables) if isinstance(loader, Loader) else loader
        except ManifestError as error:
            raise ManifestError(f"{tables[0].path}: loader `{key}`: {error}") from error
    return bound


def _inference_datasets(
    path: Path, columns: Sequence[str] | None, by_split: dict[Split, dict[str, RowLoader]]
) -> dict[Split, Dataset[dict[str, Any]]]:
    if "test" not in by_split:
        raise ManifestError("`just_inference` takes the loaders of `test`; `loaders` has none for it")
    tables = read_all_rows(path, columns)
    bound = _bind(by_split["test"], tables)
    return {"test": ConcatDataset([ManifestDataset(table, bound) for table in tables])}
