"""The rows of a split as dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
from torch import Tensor
from torch.utils.data import Dataset

from serotiny.datamodules.rows import Rows
from serotiny.io.dataframe.loaders import Loader
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError


class ManifestDataset(Dataset[dict[str, Any]]):
    """A dictionary for each row: what each loader makes of it, under the loader's key.

    What a loader can load at once is held in memory from the start; the other loaders are called
    when a row is asked for.

    Args:
        table: The rows, at least one.
        loaders: A loader for each key, already bound.

    Raises:
        ManifestError: a loader that loads all rows at once refused one; names file, key and fault.
    """

    def __init__(self, table: Table, loaders: Mapping[str, Callable[[pd.Series], Any]]) -> None:
        self._path = table.path
        self._rows = len(table.frame)
        self._loaded: dict[str, Tensor | list[str]] = {}
        self._lazy: dict[str, Callable[[pd.Series], Any]] = {}
        for key, loader in loaders.items():
            column = self._load(table, key, loader)
            if column is None:
                self._lazy[key] = loader
            else:
                self._loaded[key] = column
        self._frame = table.frame if self._lazy else None

    def _load(self, table: Table, key: str, loader: Callable[[pd.Series], Any]) -> Tensor | list[str] | None:
        if not isinstance(loader, Loader):
            return None
        try:
            return loader.load_frame(table.frame)
        except ManifestError as error:
            raise ManifestError(f"{table.path}: loader `{key}`: {error}") from error

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        """The rows at `indices`; what torch's DataLoader asks for, a batch at a time.

        Raises:
            ManifestError: a loader failed on a row; names file, row and key.
        """
        chosen = list(indices)
        columns: dict[str, Tensor | list[Any]] = {}
        for key, column in self._loaded.items():
            columns[key] = column[chosen] if isinstance(column, Tensor) else [column[i] for i in chosen]
        if self._frame is not None:
            rows = [self._frame.iloc[i] for i in chosen]
            for key, loader in self._lazy.items():
                columns[key] = [self._call(key, loader, row) for row in rows]
        return Rows(columns, len(chosen))

    def _call(self, key: str, loader: Callable[[pd.Series], Any], row: pd.Series) -> Any:
        try:
            return loader(row)
        except Exception as error:  # whatever a user's loader raises: say on which row
            reason = error if isinstance(error, ManifestError) else f"{type(error).__name__}: {error}"
            raise ManifestError(f"{self._path}: row {row.name}: loader `{key}`: {reason}") from error
