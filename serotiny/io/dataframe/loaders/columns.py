"""Loaders of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd
from torch import Tensor

from serotiny.io.dataframe.loaders.loader import Loader
from serotiny.io.dataframe.loaders.numbers import NumberType, to_tensor
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.selection import ColumnSelection, missing_column


class LoadColumn(Loader):
    """One cell of a row: a number or a text.

    A row gives a tensor of shape () or a `str`, a batch a tensor of shape (N,) or a list of N strings.
    For a target of shape (N, 1) use `LoadColumns` with that one column.

    Args:
        column: The column's name.
        dtype: The dtype of the tensor, or `str` for the text of the cell. `None` takes what the column
            holds: float32 for floats, int64 for integers, bool for booleans, and text for all else.

    Raises:
        ManifestError: when loading: no such column, a cell without a value, or a value that is not of `dtype`.
    """

    def __init__(
        self,
        column: str,
        dtype: Literal[
            "float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool", "str"
        ]
        | None = None,
    ) -> None:
        self.column = column
        self.dtype = dtype

    def __call__(self, row: pd.Series) -> Tensor | str:
        """The cell of one row."""
        values = self.load_frame(_frame_of(row))
        return values[0]

    def load_frame(self, frame: pd.DataFrame) -> Tensor | list[str]:
        """The column, one entry a row."""
        if self.column not in frame.columns:
            raise missing_column(self.column, [str(name) for name in frame.columns])
        cells = frame[[self.column]].infer_objects()
        dtype = self.dtype or _natural_type(cells[self.column])
        if dtype != "str":
            return to_tensor(cells, dtype)[:, 0]
        missing = cells[self.column].isna()
        if missing.any():
            raise ManifestError(f"column `{self.column}` has no value in row {missing.idxmax()}")
        return [str(value) for value in cells[self.column]]


class LoadColumns(Loader):
    """The cells of several columns as one vector of numbers.

    A row gives a tensor of shape (C,), a batch (N, C), C being the number of selected columns. A column is
    selected when it satisfies every condition that is given; at least one condition must be.

    Args:
        columns: Exact names, each of which must exist, in the order wanted. Without it the order is the manifest's.
        startswith: What a name must start with.
        endswith: What a name must end with.
        contains: What a name must contain.
        excludes: What a name must not contain.
        regex: A regular expression that must match somewhere in the name (`re.search`).
        dtype: The dtype of the tensor.

    Raises:
        ManifestError: no condition or a bad `regex`; when loading: no column matches, a column is missing,
            a cell has no value or one that is not of `dtype`.
    """

    def __init__(
        self,
        columns: Sequence[str] | None = None,
        startswith: str | None = None,
        endswith: str | None = None,
        contains: str | None = None,
        excludes: str | None = None,
        regex: str | None = None,
        dtype: Literal[
            "float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"
        ] = "float32",
    ) -> None:
        if isinstance(columns, str):
            raise ManifestError(f"`columns` is a list of names, not the name `{columns}`")
        exact = None if columns is None else tuple(columns)
        self.selection = ColumnSelection(
            exact, startswith, endswith=endswith, contains=contains, excludes=excludes, regex=regex
        )
        self.dtype: NumberType = dtype

    def __call__(self, row: pd.Series) -> Tensor:
        """The selected cells of one row."""
        return self.load_frame(_frame_of(row))[0]

    def load_frame(self, frame: pd.DataFrame) -> Tensor:
        """The selected columns, shape (rows, C)."""
        selected = self.selection.select([str(name) for name in frame.columns])
        return to_tensor(frame[selected], self.dtype)


def _frame_of(row: pd.Series) -> pd.DataFrame:
    return row.to_frame().T


def _natural_type(column: pd.Series) -> Literal["float32", "int64", "bool", "str"]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "int64"
    return "float32" if pd.api.types.is_float_dtype(column.dtype) else "str"
