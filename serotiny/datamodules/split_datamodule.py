"""The base class of the data modules: a dataloader for each split, and a report on rows that could not be read."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from torch.utils.data import DataLoader

from serotiny.manifest.files import Split
from serotiny.manifest.places import places_of_rows

_log = logging.getLogger(__name__)

_MOST_SHOWN = 10


@dataclass(frozen=True)
class Unread:
    """Rows of a file that a loader left out, since it could not read the files that they name.

    Attributes:
        path: the file.
        key: the loader's key.
        rows: the numbers of the rows in the file.
        among: the number of rows of the file that were requested.
    """

    path: Path
    key: str
    rows: Sequence[int]
    among: int


class SplitDatamodule(pl.LightningDataModule):
    """A data module with a dataloader for each of `train`, `valid` and `test`."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[tuple[Path, str, int]] = set()

    def train_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `train`."""
        return self._dataloader("train")

    def val_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `valid`."""
        return self._dataloader("valid")

    def test_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `test`."""
        return self._dataloader("test")

    def predict_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The rows of `test`."""
        return self._dataloader("test")

    def teardown(self, stage: str) -> None:  # noqa: ARG002  # Lightning's
        """Report the rows that were left out since their files cannot be read, each once."""
        for unread in self._unread():
            new = [row for row in unread.rows if (unread.path, unread.key, row) not in self._told]
            self._told.update((unread.path, unread.key, row) for row in new)
            if new:
                shown = places_of_rows(unread.path, new[:_MOST_SHOWN]) + (
                    " …" if len(new) > _MOST_SHOWN else ""
                )
                _log.warning(
                    "%s: loader `%s` could not read %d of %d rows, which were left out: %s",
                    unread.path,
                    unread.key,
                    len(new),
                    unread.among,
                    shown,
                )

    @abstractmethod
    def _dataloader(self, split: Split) -> DataLoader[dict[str, Any]]:
        """The dataloader of a split.

        Raises:
            ManifestError: the split has no rows.
        """

    @abstractmethod
    def _unread(self) -> Iterator[Unread]:
        """The rows that were left out so far."""
