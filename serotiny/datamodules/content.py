"""The values that the loaders make from one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from serotiny.datamodules.rows import Expansions, Origin
from serotiny.diagnostics.counts import counted
from serotiny.io.dataframe.arrow import Positions
from serotiny.io.dataframe.loaders.columns import LoadColumns
from serotiny.io.dataframe.loaders.decoded import Files
from serotiny.io.dataframe.loaders.loader import ColumnarLoader, Compact, Loader, RowLoader, Values
from serotiny.io.dataframe.loaders.preparation import Preparation, Statistics
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError

AnyLoader = RowLoader | ColumnarLoader


@dataclass(kw_only=True)
class Content:
    """Some rows of a file, loaded.

    Attributes:
        path: the file.
        numbers: each row's number in the file; None if they are all rows in order.
        values: the values of each loader, with an entry for each row.
        preparations: the preparation (filling, scaling) that a key's values still need.
        transforms: the transform that is applied to each batch of a key.
        is_prepared: whether the preparations are done.
        columns: the names of the columns of each key whose values are vectors of them.
    """

    path: Path
    numbers: Positions | None
    values: dict[str, Values]
    preparations: dict[str, Preparation] = field(default_factory=dict)
    transforms: dict[str, Callable[[Tensor], Tensor]] = field(default_factory=dict)
    is_prepared: bool = False
    columns: dict[str, list[str]] = field(default_factory=dict)

    def number(self, position: int) -> int:
        """The number of a row in the file."""
        return position if self.numbers is None else int(self.numbers[position])

    def origin(self, key: str, position: int) -> Origin:
        """Where the value of a row came from."""
        values = self.values[key]
        file = values.path(position) if isinstance(values, Files) else None
        return Origin(self.path, self.number(position), file)

    @property
    def is_in_memory(self) -> bool:
        """Whether all values are loaded, so that none is made when its row is requested."""
        return all(isinstance(values, Tensor | list) for values in self.values.values())

    @property
    def expansions(self) -> Expansions:
        """How to expand the values that are kept as stored."""
        return {key: values.expand for key, values in self.values.items() if isinstance(values, Compact)}

    def skipped(self) -> dict[str, list[int]]:
        """For each loader, the numbers of the rows that it left out since it could not read them."""
        failed = {key: getattr(values, "failed", None) for key, values in self.values.items()}
        return {
            key: [self.number(position) for position in rows.nonzero().flatten().tolist()]
            for key, rows in failed.items()
            if isinstance(rows, Tensor) and bool(rows.any())
        }

    def complete(self, positions: Tensor) -> Tensor:
        """The positions without those of rows to be dropped, which lack a value."""
        for key, preparation in self.preparations.items():
            values = self.values[key]
            assert isinstance(values, Tensor)
            kept = preparation.complete_rows(values)
            if kept is not None:
                positions = positions[torch.isin(positions, kept)]
        return positions

    def fit(self, positions: Tensor) -> dict[str, Statistics]:
        """The statistics of these rows that each key's preparation needs.

        Raises:
            ManifestError: a column has no value in these rows.
        """
        found: dict[str, Statistics] = {}
        for key, preparation in self.preparations.items():
            values = self.values[key]
            assert isinstance(values, Tensor)
            try:
                found[key] = preparation.fit(values, positions, self.columns.get(key))
            except ManifestError as error:
                raise ManifestError(f"{self.path}: loader `{key}`: {error}") from error
        return {key: statistics for key, statistics in found.items() if statistics}

    def prepare(self, statistics: Mapping[str, Statistics]) -> None:
        """Fill and scale the values, once.

        Raises:
            ManifestError: the statistics of a key are missing.
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
    """The loaders, initialised with all tables, since some need to see all rows first.

    Raises:
        ManifestError: a loader refuses a table; the message names file and key.
    """
    bound: dict[str, AnyLoader] = {}
    for key, loader in loaders.items():
        try:
            bound[key] = loader.bind(tables) if isinstance(loader, Loader) else loader
        except ManifestError as error:
            raise ManifestError(f"{tables[0].path}: loader `{key}`: {error}") from error
    return bound


def load(table: Table, loaders: Mapping[str, AnyLoader]) -> Content:
    """Load a table with the loaders.

    Raises:
        ManifestError: a loader that loads all rows at once refuses one; the message names file, key and fault.
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
            if isinstance(loader, LoadColumns):
                content.columns[key] = loader.selected(table)
    return content


def _loaded(table: Table, key: str, loader: ColumnarLoader) -> Values:
    try:
        values = loader.load(table)
    except ManifestError as error:
        raise ManifestError(f"{table.path}: loader `{key}`: {error}") from error
    if isinstance(values, np.ndarray):
        values = torch.from_numpy(values)
    if not hasattr(values, "__len__") or len(values) != len(table):
        has = counted(len(values), "entry") if hasattr(values, "__len__") else f"a {type(values).__name__}"
        raise ManifestError(
            f"{table.path}: loader `{key}`: `load` gave {has} for {counted(len(table), 'row')}"
        )
    return values


class _ByRow:
    """The rows for loaders that take one at a time."""

    def __init__(self, table: Table) -> None:
        self._frame = table.to_pandas()

    def called(self, loader: RowLoader) -> Values:
        return _Called(self, loader)

    def __len__(self) -> int:
        return len(self._frame)

    def __getitem__(self, position: int) -> Any:
        return self._frame.iloc[position]


class _Called:
    """The values of a loader that is called for each row when it is requested."""

    def __init__(self, rows: _ByRow, loader: RowLoader) -> None:
        self._rows = rows
        self._loader = loader

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: int) -> Any:
        return self._loader(self._rows[position])
