"""One file of rows: CSV or parquet."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_file
from serotiny.manifest.header import check_repeated, csv_header
from serotiny.manifest.selection import missing_column


@dataclass(frozen=True)
class Table:
    """Rows of a file.

    Attributes:
        path: The file that the rows came from.
        frame: The rows; the index is the row's number in the file, counted from 0.
    """

    path: Path
    frame: pd.DataFrame

    @property
    def folder(self) -> Path:
        """The folder against which relative paths in the cells are read."""
        return self.path.parent

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [str(name) for name in self.frame.columns]


def read_table(path: Path, columns: Sequence[str] | None = None) -> Table:
    """Read a CSV (UTF-8, comma, one header line) or parquet file from the local disk.

    Args:
        path: A file whose suffix is `.csv` or `.parquet`.
        columns: The columns to read, all when `None`. The result is in the file's order.

    Raises:
        ManifestError: no such file, a format that cannot be read, a damaged file, a repeated or
            missing column; names the file and the column.
    """
    check_file(path)
    try:
        return Table(path, _read(path, columns))
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error, pd.errors.ParserError, pa.ArrowException) as error:
        raise ManifestError(f"{path}: not a readable {path.suffix[1:].lower()} file: {error}") from error
    except pd.errors.ParserWarning as error:
        raise ManifestError(f"{path}: rows with more fields than the header has: {error}") from error


def _read(path: Path, columns: Sequence[str] | None) -> pd.DataFrame:
    if path.suffix.lower() == ".csv":
        chosen = _choose(csv_header(path), columns)
        return _read_csv(path, chosen)
    # ParquetFile and not read_table: the latter takes `name=value` folders above the file for columns.
    with pq.ParquetFile(path) as file:
        chosen = _choose(file.schema_arrow.names, columns)
        frame: pd.DataFrame = file.read(columns=chosen).to_pandas(ignore_metadata=True)
    # pandas writes an unnamed index as a column of its own
    return frame.drop(columns=[name for name in frame.columns if name.startswith("__index_level_")])


def _choose(header: list[str], columns: Sequence[str] | None) -> list[str] | None:
    check_repeated(header)
    if columns is None:
        return None
    for name in columns:
        if name not in header:
            raise missing_column(name, header)
    return [name for name in header if name in set(columns)]


def _read_csv(path: Path, columns: list[str] | None) -> pd.DataFrame:
    with warnings.catch_warnings():
        # A row that is too long is a fault of the file; pandas would cut it and go on.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            path,
            usecols=columns,
            encoding="utf-8-sig",
            index_col=False,  # else surplus fields silently become the index
            low_memory=False,  # else the type of a column may differ between chunks
        )
