"""A label as the number of its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from serotiny.io.dataframe.loaders.loader import Loader
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.loader_columns import Declaration
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

    columns: ClassVar[Declaration] = ("{column}",)

    def __init__(self, column: str, classes: Sequence[str | int | float | bool] | None = None) -> None:
        self.column = column
        self.classes = None if classes is None else tuple(classes)
        if self.classes is not None:
            self._check(self.classes)

    def bind(self, tables: Sequence[Table]) -> Self:
        """A loader that knows the labels of all tables."""
        if self.classes is not None:
            return self
        holding = [table for table in tables if self.column in table.header]
        if not holding:
            raise missing_column(self.column, tables[0].header)
        labels = [(table.path.name, table.coded(self.column)[1]) for table in holding]
        try:
            return type(self)(self.column, sorted({label for _, found in labels for label in found}))
        except TypeError as error:
            kinds: dict[str, str] = {}
            for name, found in labels:
                for label in found:
                    kinds.setdefault(type(label).__name__, name)
            held = " and ".join(f"{kind} in {name}" for kind, name in kinds.items())
            raise ManifestError(
                f"column `{self.column}` holds {held}; write it alike, or give `classes`"
            ) from error

    def load(self, table: Table) -> Tensor:
        """The class numbers of all rows."""
        if self.classes is None:
            raise ManifestError(f"the classes of column `{self.column}` are not known yet; give `classes`")
        table.require([self.column])
        numbers = {label: number for number, label in enumerate(self.classes)}
        codes, labels = table.coded(self.column)
        found = [numbers.get(label, -1) for label in labels]
        # a missing label gets the -1 at the end
        classes = np.array([*found, -1], dtype=np.int64)[codes]
        if (classes < 0).any():
            self._refuse(table, int(classes.argmin()))
        return torch.from_numpy(classes)

    def _refuse(self, table: Table, position: int) -> None:
        label, place = table.column(self.column)[position].as_py(), table.place(position)
        if label is None:
            raise ManifestError(f"column `{self.column}` has no label in {place}")
        known = listing([str(known) for known in self.classes or ()])
        is_other_kind = str(label) in map(str, self.classes or ())
        hint = (
            f", not as {type(label).__name__}; write them as the column does, numbers without quotes"
            if is_other_kind
            else ""
        )
        raise ManifestError(
            f"column `{self.column}` holds `{label}` in {place}; the classes are {known}{hint}"
        )

    def _check(self, classes: tuple[Any, ...]) -> None:
        if not classes:
            raise ManifestError(f"column `{self.column}` has no classes")
        if len(set(classes)) < len(classes):
            twice = next(label for label in classes if classes.count(label) > 1)
            raise ManifestError(f"class `{twice}` of column `{self.column}` is named twice")
