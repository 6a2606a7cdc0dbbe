"""Which rows of a manifest belong to which split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serotiny.io.dataframe.table import Table, read_table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split, file_of_split, files_of_splits
from serotiny.manifest.selection import listing, missing_column


def read_splits(
    path: Path,
    columns: Sequence[str] | None,
    split_column: str | None,
    split_map: Mapping[Any, str] | None,
    wanted: Sequence[Split],
) -> dict[Split, Table]:
    """The rows of the wanted splits, in the order of the file; none is empty.

    Args:
        path: One file with a split column, or a folder with a file for each split.
        columns: The columns to read besides the split column.
        split_column: The column of `path` that says the split; `None` for a folder.
        split_map: From a value of the split column to a split.
        wanted: The splits that must be there.

    Raises:
        ManifestError: names the file, the column and the value at fault.
    """
    if path.is_dir():
        if split_column is not None or split_map is not None:
            raise ManifestError(
                f"{path} is a folder, whose files say the split; leave out `split_column` and `split_map`"
            )
        tables = {split: read_table(file_of_split(path, split), columns) for split in wanted}
    else:
        if split_column is None:
            raise ManifestError(
                f"{path} is one file; give `split_column`, or `just_inference: true` to take all of its rows"
            )
        tables = _split_table(_read_with(path, columns, split_column), split_column, split_map, wanted)
    for split, table in tables.items():
        if table.frame.empty:
            where = "" if split_column is None else f" in column `{split_column}`"
            raise ManifestError(f"{table.path}: split `{split}` has no rows{where}")
    return tables


def read_all_rows(path: Path, columns: Sequence[str] | None) -> list[Table]:
    """All rows, whatever their split: of one file, or of the files that a folder has for the splits.

    Raises:
        ManifestError: no file, no rows, or files with different columns.
    """
    if path.is_dir():
        tables = [read_table(file, columns) for file in files_of_splits(path)]
    else:
        tables = [read_table(path, columns)]
    for table in tables:
        if set(table.header) != set(tables[0].header):
            odd = sorted(set(table.header) ^ set(tables[0].header))[0]
            raise ManifestError(f"column `{odd}` is in only one of {tables[0].path} and {table.path}")
    if all(table.frame.empty for table in tables):
        raise ManifestError(f"{path} has no rows")
    return tables


def _read_with(path: Path, columns: Sequence[str] | None, split_column: str) -> Table:
    return read_table(path, None if columns is None else [*columns, split_column])


def _split_table(
    table: Table, split_column: str, split_map: Mapping[Any, str] | None, wanted: Sequence[Split]
) -> dict[Split, Table]:
    if split_column not in table.frame.columns:
        raise ManifestError(f"{table.path}: {missing_column(split_column, table.header)}")
    # Compared as text: YAML keys and CSV cells are read as numbers by one side and not by the other.
    names = _checked_map(table.path, split_map)
    cells = table.frame[split_column]
    codes, values = pd.factorize(cells)
    # A missing cell has the code -1, which is the None at the end.
    splits = np.array([*(names.get(str(value)) for value in values), None], dtype=object)[codes]
    unknown = pd.isna(splits)
    if unknown.any():
        position = int(unknown.argmax())
        cell = cells.iloc[position]
        value = "no value" if pd.isna(cell) else f"`{cell}`"
        raise ManifestError(
            f"{table.path}: column `{split_column}` has {value} in row {position}; known are {listing(list(names))}"
            + ("" if split_map else "; `split_map` gives other values a meaning")
        )
    return {split: Table(table.path, table.frame[splits == split]) for split in wanted}


def _checked_map(path: Path, split_map: Mapping[Any, str] | None) -> dict[str, str]:
    if split_map is None:
        return {split: split for split in SPLITS}
    for value, split in split_map.items():
        if split not in SPLITS:
            raise ManifestError(
                f"{path}: `split_map` maps `{value}` to `{split}`, which is none of {listing(SPLITS)}"
            )
    return {str(value): split for value, split in split_map.items()}
