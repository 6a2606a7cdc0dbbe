"""Cells of a table as tensors, or a reason why not."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from serotiny.manifest.errors import ManifestError

NumberType = Literal["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
"""A dtype by the name that numpy and torch share."""


def to_tensor(frame: pd.DataFrame, dtype: NumberType) -> Tensor:
    """The cells of a frame as numbers, shape (rows, columns).

    Raises:
        ManifestError: a cell is missing, is no number, or cannot be held by `dtype`
            (a fraction or a number out of range in an integer); names column, row and value.
    """
    target = np.dtype(dtype)
    # Filled column by column: a copy of the whole frame as objects would take many times its memory.
    values = np.empty(frame.shape, dtype=target)
    for position, name in enumerate(frame.columns):
        values[:, position] = _convert(frame.iloc[:, position], str(name), target)
    return torch.from_numpy(values)


def _convert(column: pd.Series, name: str, target: np.dtype[np.generic]) -> npt.NDArray[np.generic]:
    missing = column.isna().to_numpy()
    if missing.any():
        raise ManifestError(f"column `{name}` has no value in row {column.index[int(missing.argmax())]}")
    if not pd.api.types.is_numeric_dtype(column.dtype):
        column = _as_numbers(column, name)
    source = column.to_numpy()
    # Out-of-range numbers are looked for below, which says more than numpy's warning.
    with np.errstate(invalid="ignore", over="ignore"):
        converted = source.astype(target)
    if target.kind in "iub":
        lost = converted != source
    else:
        lost = np.isinf(converted) & np.isfinite(source.astype(np.float64))
    if lost.any():
        at = int(lost.argmax())
        raise ManifestError(
            f"column `{name}` holds `{source[at]}` in row {column.index[at]}, which is no {target}"
        )
    return converted


def _as_numbers(column: pd.Series, name: str) -> pd.Series:
    """Numbers that pandas holds as objects (a row of mixed columns); text is refused."""
    for row, value in column.items():
        if not isinstance(value, bool | int | float | np.number | np.bool_):
            raise ManifestError(f"column `{name}` holds `{value}` in row {row}, which is no number")
    return column.infer_objects()
