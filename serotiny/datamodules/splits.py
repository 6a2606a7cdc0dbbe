"""Find the rows of each split of a manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serotiny.datamodules.reading import Reading
from serotiny.datamodules.shares import Shares
from serotiny.io.dataframe.arrow import Positions
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split, files_of_splits, folder_files
from serotiny.manifest.selection import listing


@dataclass(frozen=True)
class Part:
    """A file, with the positions of the rows of each split."""

    table: Table
    positions: Mapping[Split, Positions]


@dataclass(frozen=True)
class SplitRule:
    """How the rows of a single file are divided into splits; a folder needs no rule.

    Attributes:
        column: the column with the split.
        names: from its values to splits, if they differ.
        shares: shares to use instead of a column.
    """

    column: str | None = None
    names: Mapping[Any, str] | None = None
    shares: Shares | None = None

    def reason(self, split: Split) -> str:
        """Why a split has no rows, for its error."""
        if self.shares is not None:
            return self.shares.reason(split)
        return "" if self.column is None else f" in column `{self.column}`"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are needed."""
        own = () if self.column is None else (self.column,)
        return own if self.shares is None else (*own, *self.shares.columns)


def read_splits(reading: Reading, rule: SplitRule, wanted: Sequence[Split]) -> list[Part]:
    """The rows of the requested splits, in the order of the file; a split may have none.

    Args:
        reading: One file, or a folder with a file for each split.
        rule: The rule for one file.
        wanted: The requested splits.

    Raises:
        ManifestError: a fault, with the file, the column and the value.
    """
    path = reading.path
    if path.is_dir():
        if rule != SplitRule():
            raise ManifestError(
                f"{path} is a folder, whose files say the split; leave out `split_column`, `split_map` and `split`"
            )
        files = folder_files(path, wanted)
        return [Part(table, {split: _all(table)}) for split, table in _tables(reading, files)]
    if rule.column is not None and rule.shares is not None:
        raise ManifestError(f"{path}: give `split_column` or `split`, not both")
    if rule.column is None and rule.shares is None:
        raise ManifestError(
            f"{path} is one file; give `split_column`, or `split` with the shares of the splits, or "
            "`just_inference: true` to take all of its rows"
        )
    table = reading.table(path)
    if rule.shares is not None:
        found = rule.shares.divide(table)
    else:
        assert rule.column is not None
        found = _by_column(table, rule.column, rule.names)
    return [Part(table, {split: found[split] for split in wanted if split in found and len(found[split])})]


def read_all_rows(reading: Reading) -> list[Part]:
    """All rows, as those of `test`: of one file, or of all files of splits in a folder.

    Raises:
        ManifestError: there is no file or no row, or the files have different columns.
    """
    path = reading.path
    tables = [reading.table(file) for file in (files_of_splits(path) if path.is_dir() else [path])]
    for table in tables:
        if set(table.header) != set(tables[0].header):
            odd = sorted(set(table.header) ^ set(tables[0].header))[0]
            raise ManifestError(f"column `{odd}` is in only one of {tables[0].path} and {table.path}")
    if not any(len(table) for table in tables):
        raise ManifestError(f"{path} has no rows")
    return [Part(table, {"test": _all(table)}) for table in tables]


def _tables(reading: Reading, files: Mapping[Split, Path]) -> list[tuple[Split, Table]]:
    tables = [(split, reading.table(file)) for split, file in files.items()]
    for split, table in tables:
        if not len(table):
            raise ManifestError(f"{table.path}: split `{split}` has no rows")
    return tables


def _all(table: Table) -> Positions:
    return np.arange(len(table), dtype=np.int64)


def _by_column(
    table: Table, split_column: str, split_map: Mapping[Any, str] | None
) -> dict[Split, Positions]:
    # Compared as text, since YAML keys and CSV cells may be numbers on one side only.
    names = _checked_map(table.path, split_map)
    try:
        codes, values = table.coded(split_column)
    except ManifestError as error:
        raise ManifestError(f"{table.path}: {error}") from error
    of_value = [SPLITS.index(names[str(value)]) if str(value) in names else -1 for value in values]
    # the last item, -1, is for cells without a value
    of_row = np.array([*of_value, -1])[codes]
    if (of_row < 0).any():
        position = int(of_row.argmin())
        cell = table.column(split_column)[position].as_py()
        value = "no value" if cell is None else f"`{cell}`"
        raise ManifestError(
            f"{table.path}: column `{split_column}` has {value} in {table.place(position)}; "
            f"known are {listing(list(names))}"
            + ("" if split_map else "; `split_map` gives other values a meaning")
        )
    return {split: np.flatnonzero(of_row == index) for index, split in enumerate(SPLITS)}


def _checked_map(path: Path, split_map: Mapping[Any, str] | None) -> dict[str, Split]:
    if split_map is None:
        return {split: split for split in SPLITS}
    found: dict[str, Split] = {}
    for value, name in split_map.items():
        split = next((split for split in SPLITS if split == name), None)
        if split is None:
            raise ManifestError(
                f"{path}: `split_map` maps `{value}` to `{name}`, which is none of {listing(SPLITS)}"
            )
        found[str(value)] = split
    return found
