"""What the loaders make of one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from serotiny.io.dataframe.arrow import Positions
from serotiny.io.dataframe.loaders.loader import ColumnarLoader, Loader, RowLoader, Values
from serotiny.io.dataframe.loaders.preparation import Preparation, Statistics
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError

AnyLoader = RowLoader | ColumnarLoader


@dataclass(kw_only=True)
class Content:
    """Some rows of a file, loaded.

    Attributes:
        path: the file.
        numbers: each row's number in the file; None when they are all rows in order.
        values: what each loader made of them, an entry for each row.
        preparations: what is still to be done to the values of a key.
        transforms: what is applied to each batch of a key.
        is_prepared: it was done.
    """

    path: Path
    numbers: Positions | None
    values: dict[str, Values]
    preparations: dict[str, Preparation] = field(default_factory=dict)
    transforms: dict[str, Callable[[Tensor], Tensor]] = field(default_factory=dict)
    is_prepared: bool = False

    def number(self, position: int) -> int:
        """The number that a row has in the file."""
        return position if self.numbers is None else int(self.numbers[position])

    @property
    def is_in_memory(self) -> bool:
        """Whether nothing is made row by row."""
        return all(isinstance(values, Tensor | list) for values in self.values.values())

    def skipped(self) -> dict[str, list[int]]:
        """The numbers of the rows that each loader left out because it could not read them."""
        failed = {key: getattr(values, "failed", None) for key, values in self.values.items()}
        return {
            key: [self.number(position) for position in rows.nonzero().flatten().tolist()]
            for key, rows in failed.items()
            if isinstance(rows, Tensor) and bool(rows.any())
        }

    def complete(self, positions: Tensor) -> Tensor:
        """The positions without those of the rows that are to be dropped."""
        for key, preparation in self.preparations.items():
            values = self.values[key]
            assert isinstance(values, Tensor)
            kept = preparation.complete_rows(values)
            if kept is not None:
                positions = positions[torch.isin(positions, kept)]
        return positions

    def fit(self, positions: Tensor) -> dict[str, Statistics]:
        """The statistics that each key's preparation needs, of these rows.

        Raises:
            ManifestError: a column has no value in these rows.
        """
        found: dict[str, Statistics] = {}
        for key, preparation in self.preparations.items():
            values = self.values[key]
            assert isinstance(values, Tensor)
            try:
                found[key] = preparation.fit(values, positions)
            except ManifestError as error:
                raise ManifestError(f"{self.path}: loader `{key}`: {error}") from error
        return {key: statistics for key, statistics in found.items() if statistics}

    def prepare(self, statistics: Mapping[str, Statistics]) -> None:
        """Fill and scale the values, once.

        Raises:
            ManifestError: the statistics of a key are not known.
        """
        if self.is_prepared:
            return
        for key, preparation in self.preparations.items():
            if preparation.is_fitted and key not in statistics:
                raise ManifestError(
                    f"{self.path}: loader `{key}`: what its values are scaled by follows from the rows of the training, "
                    "which are not here; use a checkpoint of the training"
                )
            values = self.values[key]
            assert isinstance(values, Tensor)
            preparation.apply(values, statistics.get(key, {}))
        self.is_prepared = True


def bind(loaders: Mapping[str, AnyLoader], tables: Sequence[Table]) -> dict[str, AnyLoader]:
    """The loaders, with what they need to know of all rows.

    Raises:
        ManifestError: a loader refused a table; names file and key.
    """
    bound: dict[str, AnyLoader] = {}
    for key, loader in loaders.items():
        try:
            bound[key] = loader.bind(tables) if isinstance(loader, Loader) else loader
        except ManifestError as error:
            raise ManifestError(f"{tables[0].path}: loader `{key}`: {error}") from error
    return bound


def load(table: Table, loaders: Mapping[str, AnyLoader]) -> Content:
    """What the loaders make of a table.

    Raises:
        ManifestError: a loader that loads all rows at once refused one; names file, key and fault.
    """
    content = Content(path=table.path, numbers=table.numbers, values={})
    by_row: _ByRow | None = None
    for key, loader in loaders.items():
        if not isinstance(loader, ColumnarLoader):
            by_row = by_row or _ByRow(table)
            content.values[key] = by_row.called(loader)
            continue
        content.values[key] = _loaded(table, key, loader)
        if isinstance(loader, Loader):
            if loader.preparation is not None:
                content.preparations[key] = loader.preparation
            if loader.transform is not None:
                content.transforms[key] = loader.transform
    return content


def _loaded(table: Table, key: str, loader: ColumnarLoader) -> Values:
    try:
        values = loader.load(table)
    except ManifestError as error:
        raise ManifestError(f"{table.path}: loader `{key}`: {error}") from error
    if isinstance(values, np.ndarray):
        values = torch.from_numpy(values)
    if not hasattr(values, "__len__") or len(values) != len(table):
        has = f"{len(values)} entries" if hasattr(values, "__len__") else f"a {type(values).__name__}"
        raise ManifestError(f"{table.path}: loader `{key}`: `load` gave {has} for {len(table)} rows")
    return values


class _ByRow:
    """Rows as loaders that take one at a time get them."""

    def __init__(self, table: Table) -> None:
        self._frame = table.to_pandas()

    def called(self, loader: RowLoader) -> Values:
        return _Called(self, loader)

    def __len__(self) -> int:
        return len(self._frame)

    def __getitem__(self, position: int) -> Any:
        return self._frame.iloc[position]


class _Called:
    """What a loader makes of each row."""

    def __init__(self, rows: _ByRow, loader: RowLoader) -> None:
        self._rows = rows
        self._loader = loader

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: int) -> Any:
        return self._loader(self._rows[position])
