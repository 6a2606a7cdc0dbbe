"""The protocols and the base class of loaders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

import pyarrow as pa
from torch import Tensor

from serotiny.io.dataframe.loaders.preparation import Preparation
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.loader_columns import Declaration, Wanted, is_declaration, wanted

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class Lazy(Protocol):
    """Values that are made one by one, when their row is requested."""

    def __len__(self) -> int: ...
    def __getitem__(self, position: int) -> Any:
        """The value of a row.

        Raises:
            ManifestError: it cannot be made.
        """


@runtime_checkable
class Compact(Lazy, Protocol):
    """Values that are smaller as stored than in a batch, such as images of bytes that become floats.

    Loading processes pass them on as they are stored, and they are expanded a batch at a time.
    """

    def compact(self, position: int) -> Tensor:
        """The value of a row, as stored.

        Raises:
            ManifestError: it cannot be made.
        """

    def expand(self, values: Tensor) -> Tensor:
        """Stored values of one row or of several as they are in a batch; those that need it no more as they are."""


Values = Tensor | list[Any] | Lazy
"""An entry for each row: a tensor whose first dimension is the row, a list, or entries that are made on request."""


@runtime_checkable
class ColumnarLoader(Protocol):
    """A loader that loads all rows of a table at once. A class needs no base class for it.

    Its class attribute `columns` declares the columns that it takes (see `serotiny.manifest.loader_columns`), so that
    no others are read and a check can find out whether they exist. Without it, all are read.
    """

    def load(self, table: Table) -> Values:
        """All rows.

        Raises:
            ManifestError: the table does not hold what the loader was told to load.
        """


RowLoader = Callable[["pd.Series"], Any]
"""A loader of one row at a time."""


class Loader(ABC):
    """A columnar loader that can also depend on the whole manifest (`bind`) and load single rows."""

    columns: ClassVar[Declaration]
    preparation: Preparation | None = None
    """How values are filled and scaled once the rows of the training are known."""
    transform: Callable[[Tensor], Tensor] | None = None
    """Applied to each batch of loaded values."""

    def bind(self, tables: Sequence[Table]) -> Self:  # noqa: ARG002  # for subclasses
        """The loader for these rows, the same for all splits; itself when it does not depend on them."""
        return self

    @abstractmethod
    def load(self, table: Table) -> Values:
        """All rows; see the class for shape and dtype.

        Raises:
            ManifestError: the table does not hold what the loader was told to load.
        """

    def arrow_type(self) -> pa.DataType | None:
        """The type in which its columns are best read from a CSV; None for that of their cells."""
        return None

    def __call__(self, row: pd.Series) -> Any:
        """The value of one row.

        Raises:
            ManifestError: as for all rows.
        """
        cells = {str(name): [cell] for name, cell in row.items()}
        number = [row.name] if isinstance(row.name, int) else None
        return self.load(Table.of(Path(), cells, number))[0]


def columns_of(loader: object) -> Wanted | None:
    """The columns that a loader takes; None when it does not declare them, so that all must be read.

    Raises:
        ManifestError: the declaration has conditions but none is given, or a regular expression is malformed.
    """
    declared = getattr(type(loader), "columns", None)
    if not is_declaration(declared):
        declared = vars(loader).get("columns") if hasattr(loader, "__dict__") else None
    if declared is None or not is_declaration(declared) or not hasattr(loader, "load"):
        return None

    def value_of(parameter: str) -> Any:
        own = vars(loader)
        if parameter in own:
            return own[parameter]
        if parameter == "columns" or not hasattr(loader, parameter):
            raise ManifestError(
                f"`{type(loader).__name__}.columns` speaks of `{{{parameter}}}`, but its objects have no such attribute"
            )
        return getattr(loader, parameter)

    return wanted(declared, value_of)
