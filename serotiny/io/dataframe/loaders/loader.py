"""The role of a loader."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import pandas as pd
from torch import Tensor

from serotiny.io.dataframe.table import Table


class Loader(ABC):
    """A callable of a row that may know the whole manifest, or load many rows at once."""

    def bind(self, tables: Sequence[Table]) -> Self:  # noqa: ARG002  # for those who need it
        """A loader for these rows, the same for all splits; itself when the rows change nothing."""
        return self

    @abstractmethod
    def __call__(self, row: pd.Series) -> Any:
        """What the row holds; see the class for shape and dtype.

        Raises:
            ManifestError: the row does not hold what the loader was told to load.
        """

    def load_frame(self, frame: pd.DataFrame) -> Tensor | list[str] | None:  # noqa: ARG002
        """All rows at once, stacked along the first dimension, or `None`: load them one by one.

        Raises:
            ManifestError: as for a single row.
        """
        return None
