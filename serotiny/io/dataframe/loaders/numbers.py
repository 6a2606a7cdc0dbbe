"""Cells of a table as tensors, or a reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor

from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError

NumberType = Literal["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
"""A dtype by the name that numpy and torch share."""

Array: TypeAlias = npt.NDArray[Any]

ARROW_TYPES: dict[str, pa.DataType] = {
    "float32": pa.float32(),
    "float64": pa.float64(),
    **{name: getattr(pa, name)() for name in ("uint8", "int8", "int16", "int32", "int64")},
}
"""What a column that becomes such a tensor is best read as; half floats and booleans have forms of their own."""


def to_tensor(table: Table, names: Sequence[str], dtype: NumberType, keep_missing: bool = False) -> Tensor:
    """The cells of some columns as numbers, shape (rows, columns).

    Each block of rows is written where it stays: the table is never there a second time.

    Args:
        table: The rows.
        names: The columns.
        dtype: Of the tensor.
        keep_missing: A cell without a value becomes NaN, rather than an error; for floats alone.

    Raises:
        ManifestError: a cell is missing, is no number, or cannot be held by `dtype`
            (a fraction or a number out of range in an integer); names column, row and value.
    """
    # numpy asks for large pages, which make gathering rows from all over the tensor faster
    values: Array = np.empty((len(table), len(names)), dtype=dtype)
    first = 0
    for group in table.groups(names):
        columns, start = values[:, first : first + len(group)], 0
        for batch in table.batches(group):
            _fill(columns[start : start + batch.num_rows], _Block(table, batch, start), keep_missing)
            start += batch.num_rows
        first += len(group)
    return torch.from_numpy(values)


class _Block:
    """Some rows of a table, and what to say of a cell that does not fit."""

    def __init__(self, table: Table, batch: pa.RecordBatch, start: int) -> None:
        self._table = table
        self.batch = batch
        self._start = start

    def row(self, position: int) -> int:
        return self._table.number(self._start + position)

    def refuse(self, column: int, position: int, reason: str) -> NoReturn:
        name, cell = self.batch.schema.names[column], self.batch.column(column)[position].as_py()
        raise ManifestError(
            f"column `{name}` holds `{cell}` in row {self.row(position)}, which is no {reason}"
        )

    def refuse_missing(self, column: int, position: int) -> NoReturn:
        name = self.batch.schema.names[column]
        raise ManifestError(f"column `{name}` has no value in row {self.row(position)}")


def _fill(target: Array, block: _Block, keep_missing: bool) -> None:
    plain = ARROW_TYPES.get(target.dtype.name)
    if all(column.type == plain and not column.null_count for column in block.batch.columns):
        target[:] = block.batch.to_tensor().to_numpy()  # what the loop below does, in a third of the time
    else:
        _fill_columns(target, block, keep_missing)
    # a sum is NaN where a summand is, which takes less than to ask each
    if target.dtype.kind == "f" and not keep_missing and np.isnan(_sum(target)):
        rows, columns = np.nonzero(np.isnan(target))
        if rows.size:
            at = int(np.argmin(columns * len(target) + rows))
            block.refuse_missing(int(columns[at]), int(rows[at]))


def _fill_columns(target: Array, block: _Block, keep_missing: bool) -> None:
    for index in range(block.batch.num_columns):
        column = block.batch.column(index)
        if column.null_count and not keep_missing:
            block.refuse_missing(index, int(np.argmax(column.is_null().to_numpy(zero_copy_only=False))))
        source = _numbers(column, index, block)
        if np.can_cast(source.dtype, target.dtype, "safe"):
            target[:, index] = source
        else:
            _convert(source, target[:, index], index, block)


def _sum(values: Array) -> Any:
    with np.errstate(invalid="ignore", over="ignore"):
        return values.sum()


def _numbers(column: pa.Array, index: int, block: _Block) -> Array:
    """The cells as numpy holds them; NaN for no value."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_null(kind):
        column = column.cast(pa.float32())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        block.refuse(index, _first_text(column), "number")
    if pa.types.is_boolean(kind) and column.null_count:
        column = column.cast(pa.int8())
    values: Array = column.to_numpy(zero_copy_only=False)
    return values


def _first_text(column: pa.Array) -> int:
    """Where the first cell is that no number can be read from; 0 where all are texts of numbers."""
    for position, cell in enumerate(column.to_pylist()):
        if cell is None or isinstance(cell, bool | int | float | Decimal):
            continue
        try:
            float(cell)
        except (TypeError, ValueError):
            return position
    return 0


def _convert(source: Array, target: Array, index: int, block: _Block) -> None:
    # Out-of-range numbers are looked for below, which says more than numpy's warning.
    with np.errstate(invalid="ignore", over="ignore"):
        target[:] = source.astype(target.dtype)
    if target.dtype.kind in "iub":
        lost = target != source
    else:
        lost = np.isinf(target)
        if lost.any():
            lost &= np.isfinite(source.astype(np.float64))
    if lost.any():
        block.refuse(index, int(lost.argmax()), str(target.dtype))
