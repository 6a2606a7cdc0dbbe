"""Loaders of the cells of one or several columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import ClassVar, Literal, Self

import pyarrow as pa
from torch import Tensor

from serotiny.io.dataframe.arrow import is_missing, is_opaque
from serotiny.io.dataframe.loaders.loader import Loader
from serotiny.io.dataframe.loaders.numbers import ARROW_TYPES, NumberType, to_tensor
from serotiny.io.dataframe.loaders.preparation import Preparation
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.loader_columns import Declaration
from serotiny.manifest.selection import ColumnSelection

_FLOATS = ("float16", "float32", "float64")


class LoadColumn(Loader):
    """One cell of a row: a number or a text.

    A row gives a tensor of shape () or a `str`, a batch a tensor of shape (N,) or a list of N strings.
    For a target of shape (N, 1) use `LoadColumns` with that one column.

    Args:
        column: The column's name.
        dtype: The dtype of the tensor, or `str` for the text of the cell. `None` takes what the column
            holds: float32 for floats, int64 for integers, bool for booleans, and text for all else; the same in all files.

    Raises:
        ManifestError: when loading: no such column, a cell without a value, a value that is not of `dtype`, or cells that
            are lists, structures or bytes.
    """

    columns: ClassVar[Declaration] = ("{column}",)
    stacks_columns: ClassVar[bool] = True

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

    def arrow_type(self) -> pa.DataType | None:
        """That of the dtype, which the file may as well be parsed to; a text as it is written, such as 007."""
        return pa.string() if self.dtype == "str" else ARROW_TYPES.get(self.dtype or "")

    def load(self, table: Table) -> Tensor | list[str]:
        """The column, one entry a row."""
        table.require([self.column])
        if self.dtype is not None and self.dtype != "str":
            return to_tensor(table, [self.column], self.dtype)[:, 0]
        cells = table.column(self.column) if self.dtype is None else table.texts(self.column)
        natural = natural_type(cells.type)
        if self.dtype is None and natural is not None:
            return to_tensor(table, [self.column], natural)[:, 0]
        if is_opaque(cells.type):
            raise ManifestError(
                f"column `{self.column}` holds {cells.type}, which is neither numbers nor text; write what is in its cells "
                "as columns of their own"
            )
        if cells.null_count:
            position = int(is_missing(cells).argmax())
            raise ManifestError(f"column `{self.column}` has no value in {table.place(position)}")
        return [str(value) for value in cells.to_pylist()]


class LoadColumns(Loader):
    """The cells of several columns as one vector of numbers.

    A row gives a tensor of shape (C,), a batch (N, C), C being the number of selected columns. A column is
    selected when it satisfies every condition that is given; at least one condition must be.

    Args:
        columns: Exact names, each of which must exist, in the order wanted. Without it the order is the manifest's, of a folder
            that of its first file.
        startswith: What a name must start with.
        endswith: What a name must end with.
        contains: What a name must contain.
        excludes: What a name must not contain.
        regex: A regular expression that must match somewhere in the name (`re.search`).
        dtype: The dtype of the tensor.
        on_missing: What to do about a cell without a value: `error`, `drop` its row from the data, or `fill` it.
        fill_value: What to fill with: a number, or the `mean` or `median` of the column in the rows of the training.
        normalize: `standard` for mean 0 and standard deviation 1, `minmax` for values from 0 to 1, in the rows of the
            training. What they give is kept in the checkpoint, and is what predictions are made with.
        transform: Applied to each batch, a tensor of shape (N, C), after all else.

    Raises:
        ManifestError: no condition or a bad `regex`, or `on_missing` or `normalize` with a dtype that is no float; when
            loading: no column matches, a column is missing, a cell has no value or one that is not of `dtype`.
    """

    columns: ClassVar[Declaration] = {  # on an instance, the parameter of the same name
        "columns": "{columns}",
        "startswith": "{startswith}",
        "endswith": "{endswith}",
        "contains": "{contains}",
        "excludes": "{excludes}",
        "regex": "{regex}",
    }
    stacks_columns: ClassVar[bool] = True

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
        on_missing: Literal["error", "drop", "fill"] = "error",
        fill_value: float | Literal["mean", "median"] = "mean",
        normalize: Literal["standard", "minmax"] | None = None,
        transform: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        if isinstance(columns, str):
            raise ManifestError(f"`columns` is a list of names, not the name `{columns}`")
        exact = None if columns is None else tuple(columns)
        self.selection = ColumnSelection(
            columns=exact,
            startswith=startswith,
            endswith=endswith,
            contains=contains,
            excludes=excludes,
            regex=regex,
        )
        vars(self).update(vars(self.selection))
        self.dtype: NumberType = dtype
        self.preparation = preparation = Preparation(on_missing, fill_value, normalize)
        self.transform = transform
        self._keeps_missing = preparation.keeps_missing
        self._order: tuple[str, ...] | None = None
        if dtype not in _FLOATS and (preparation.keeps_missing or normalize is not None):
            raise ManifestError(f"`on_missing` and `normalize` are for floats, not for `{dtype}`")

    def arrow_type(self) -> pa.DataType | None:
        """That of the dtype, which the file may as well be parsed to."""
        return ARROW_TYPES.get(self.dtype)

    def bind(self, tables: Sequence[Table]) -> Self:
        """A loader with the columns of the first table, in its order, for all tables."""
        return self if self._order is not None else self.in_order(self.selected(tables[0]))

    def in_order(self, names: Sequence[str]) -> Self:
        """A loader of the same columns in another order, unless `columns` gives the order."""
        if self.selection.columns is not None:
            return self
        bound = copy(self)
        bound._order = tuple(names)
        return bound

    def selected(self, table: Table) -> list[str]:
        """The names of the columns of a table, in order.

        Raises:
            ManifestError: none matches, one is missing, or they are not those of the table that the order is of.
        """
        names = self.selection.select(table.header)
        if self._order is None:
            return names
        odd = sorted({*names} ^ {*self._order})
        if odd:
            here, there = ("", "not ") if odd[0] in names else ("not ", "")
            raise ManifestError(
                f"column `{odd[0]}` is {here}in {table.path.name}, and {there}in the manifest's first file"
            )
        return list(self._order)

    def load(self, table: Table) -> Tensor:
        """The selected columns, shape (rows, C)."""
        return to_tensor(table, self.selected(table), self.dtype, keep_missing=self._keeps_missing)


def natural_type(kind: pa.DataType) -> NumberType | None:
    """The dtype of cells of a type if none is given; None for text."""
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind):
        return "int64"
    return "float32" if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else None
