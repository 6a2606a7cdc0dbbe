"""Cells of a table as tensors of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, Literal, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor

from serotiny.io.dataframe.arrow import as_numpy, is_missing
from serotiny.io.dataframe.cells import Part, reading_threads
from serotiny.io.dataframe.loaders.conversion import converted
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
"""Dtype → the Arrow type that a CSV's column is parsed to; float16 and bool are converted after parsing."""

_CHECKED_ROWS = 8192
_WITH_COMMA = re.compile(r"[+-]?\d[\d.]*,[\d.,]*")


def to_tensor(table: Table, names: Sequence[str], dtype: NumberType, keep_missing: bool = False) -> Tensor:
    """The cells of some columns as numbers, shape (rows, columns).

    Each block of rows is written straight into the result, so that the table is never held twice.

    Args:
        table: The rows.
        names: The columns.
        dtype: The dtype of the tensor.
        keep_missing: A cell without a value becomes NaN instead of an error; for floats only.

    Raises:
        ManifestError: a cell is missing, is no number, or cannot be held by `dtype`
            (a fraction or a number out of range in an integer); names column, row and value.
    """
    held = table.matrix(names, dtype)
    if held is not None:
        if not keep_missing:
            _check_matrix(held, names, table)
        return torch.from_numpy(held)
    # allocated by numpy, which asks for huge pages: they make gathering rows from the whole tensor faster
    values: Array = np.empty((len(table), len(names)), dtype=dtype)

    def write(part: Part) -> None:
        _write(part, values, table, keep_missing)

    # decoding and copying release the interpreter's lock; the first fault in the order of the parts is raised
    with ThreadPoolExecutor(reading_threads()) as threads:
        for _ in threads.map(write, table.parts(names)):
            pass
    return torch.from_numpy(values)


def _write(part: Part, values: Array, table: Table, keep_missing: bool) -> None:
    """Column by column first, and only then row by row: rows are written whole, as far as the part has their columns."""
    columns: Array = np.empty((part.columns, part.rows), values.dtype)
    for block in part.blocks():
        cells = _Cells(table, block.cells, block.row)
        row, column = block.row - part.row, block.column - part.column
        target = columns[column : column + block.cells.num_columns, row : row + block.cells.num_rows]
        _fill(target.T, cells, keep_missing)
        del block, cells  # which keep all that was read with them, while the next is read
    values[part.row : part.row + part.rows, part.column : part.column + part.columns] = columns.T


class _Cells:
    """Some rows of a table, and the errors about a cell that does not fit."""

    def __init__(self, table: Table, batch: pa.RecordBatch, start: int) -> None:
        self._table = table
        self.batch = batch
        self._start = start

    def place(self, position: int) -> str:
        return self._table.place(self._start + position)

    def refuse(self, column: int, position: int, reason: str) -> NoReturn:
        name, cell = self.batch.schema.names[column], self.batch.column(column)[position].as_py()
        raise _misfit(name, cell, self.place(position), reason)

    def refuse_text(self, column: int) -> NoReturn:
        # of the whole column: the texts of this block may all be numbers
        name = self.batch.schema.names[column]
        cells = self._table.column(name)
        position = _first_text(cells)
        raise _misfit(name, cells[position].as_py(), self._table.place(position), "number")

    def refuse_missing(self, column: int, position: int) -> NoReturn:
        name = self.batch.schema.names[column]
        raise _missing(name, self.place(position))


def _fill(target: Array, block: _Cells, keep_missing: bool) -> None:
    for index in range(block.batch.num_columns):
        column = block.batch.column(index)
        if column.null_count and not keep_missing:
            block.refuse_missing(index, int(is_missing(column).argmax()))
        source = _numbers(column, index, block)
        if np.can_cast(source.dtype, target.dtype, "safe"):
            target[:, index] = source
        else:
            _convert(source, target[:, index], index, block)
    missing = None if keep_missing else _first_missing(target)
    if missing is not None:
        block.refuse_missing(*missing)


def _check_matrix(values: Array, names: Sequence[str], table: Table) -> None:
    for start in range(0, len(values), _CHECKED_ROWS):
        missing = _first_missing(values[start : start + _CHECKED_ROWS])
        if missing is not None:
            raise _missing(names[missing[0]], table.place(start + missing[1]))


def _first_missing(values: Array) -> tuple[int, int] | None:
    """The column and row of the first NaN, by columns."""
    if values.dtype.kind != "f" or not values.size or not np.isnan(_least(values)):
        return None
    rows, columns = np.nonzero(np.isnan(values))
    if not rows.size:
        return None
    at = int(np.argmin(columns * len(values) + rows))
    return int(columns[at]), int(rows[at])


def _misfit(name: str, cell: object, place: str, reason: str) -> ManifestError:
    message = f"column `{name}` holds `{cell}` in {place}, which is no {reason}"
    if _WITH_COMMA.fullmatch(str(cell)):
        message += "; a point stands before decimals, and nothing between thousands"
    return ManifestError(message)


def _missing(name: str, place: str) -> ManifestError:
    return ManifestError(f"column `{name}` has no value in {place}: fill it in, or leave the row out")


def _least(values: Array) -> Any:
    """The least value, which is NaN if any is; faster than a sum and than testing each value."""
    with np.errstate(invalid="ignore"):
        return values.min()


def _numbers(column: pa.Array, index: int, block: _Cells) -> Array:
    """The cells as a numpy array; NaN for those without a value."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_null(kind):
        column = column.cast(pa.float32())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        block.refuse_text(index)
    return as_numpy(column)


def _first_text(column: pa.Array) -> int:
    """The position of the first cell that is not a number; 0 where all are numbers written as text."""
    for position, cell in enumerate(column.to_pylist()):
        if cell is None or isinstance(cell, bool | int | float | Decimal):
            continue
        try:
            float(cell)
        except (TypeError, ValueError):
            return position
    return 0


def _convert(source: Array, target: Array, index: int, block: _Cells) -> None:
    target[:], lost = converted(source, target.dtype)
    if lost.any():
        block.refuse(index, int(lost.argmax()), str(target.dtype))
