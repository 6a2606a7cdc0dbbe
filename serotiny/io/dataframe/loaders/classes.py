"""A label as the number of its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from serotiny.io.dataframe.loaders.loader import Loader
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.selection import listing, missing_column


class LoadClass(Loader):
    """The number of a row's class, as `torch.nn.CrossEntropyLoss` takes it.

    A row gives an int64 tensor of shape (), a batch (N,), with values from 0 to the number of classes - 1.

    Args:
        column: The column that holds the label.
        classes: The labels in the order of their numbers. `None` takes the labels of all splits, sorted,
            so that every split counts alike; give them when a model sees manifests with other labels.

    Raises:
        ManifestError: `classes` is empty or names one twice; when loading: no such column, a cell without
            a label or with one that is not among the classes.
    """

    def __init__(self, column: str, classes: Sequence[str | int | float | bool] | None = None) -> None:
        self.column = column
        self.classes = None if classes is None else tuple(classes)
        if self.classes is not None:
            self._check(self.classes)

    def bind(self, tables: Sequence[Table]) -> Self:
        """A loader that knows the labels of all tables."""
        if self.classes is not None:
            return self
        holding = [table.frame[self.column] for table in tables if self.column in table.frame.columns]
        if not holding:
            raise missing_column(self.column, tables[0].header)
        labels = {label for column in holding for label in column.dropna().astype(object).unique()}
        return type(self)(self.column, sorted(labels, key=_by_type_and_value))

    def __call__(self, row: pd.Series) -> Tensor:
        """The class number of one row."""
        return self.load_frame(row.to_frame().T)[0]

    def load_frame(self, frame: pd.DataFrame) -> Tensor:
        """The class numbers of all rows."""
        if self.classes is None:
            raise ManifestError(f"the classes of column `{self.column}` are not known yet; give `classes`")
        if self.column not in frame.columns:
            raise missing_column(self.column, [str(name) for name in frame.columns])
        column = frame[self.column]
        numbers = {label: number for number, label in enumerate(self.classes)}
        codes, labels = pd.factorize(column)
        # A missing label has the code -1, which is the -1 at the end.
        found = np.array([*(numbers.get(label, -1) for label in labels), -1], dtype=np.int64)[codes]
        if (found < 0).any():
            self._refuse(column, int(found.argmin()))
        return torch.from_numpy(found)

    def _refuse(self, column: pd.Series, position: int) -> None:
        label, row = column.iloc[position], column.index[position]
        if pd.isna(label):
            raise ManifestError(f"column `{self.column}` has no label in row {row}")
        known = listing([str(known) for known in self.classes or ()])
        raise ManifestError(f"column `{self.column}` holds `{label}` in row {row}; the classes are {known}")

    def _check(self, classes: tuple[Any, ...]) -> None:
        if not classes:
            raise ManifestError(f"column `{self.column}` has no classes")
        if len(set(classes)) < len(classes):
            twice = next(label for label in classes if classes.count(label) > 1)
            raise ManifestError(f"class `{twice}` of column `{self.column}` is named twice")


def _by_type_and_value(label: Any) -> tuple[str, Any]:
    """Numbers among themselves, texts among themselves: a column may hold both."""
    number = isinstance(label, int | float)
    return ("number", label) if number else ("text", str(label))
