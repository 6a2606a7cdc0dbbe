"""Divide rows into splits by shares: the split of a row depends on its id, not on its position in the file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from serotiny.io.dataframe.arrow import Positions
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS, Split
from serotiny.manifest.shares import check_shares

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How the rows of a file are divided into splits.

    Attributes:
        of: the share of each split; their sum is 1.
        column: the column whose value determines the split of a row.
        group: a column whose rows with the same value stay together; it then determines the split.
        stratify: a column for each of whose values the rows are divided by the same shares.
        seed: the seed of the division.
    """

    of: Mapping[Split, float]
    column: str | None = None
    group: str | None = None
    stratify: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_shares(self.of, is_decided=self.column is not None or self.group is not None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are needed."""
        found = (self.group or self.column, self.stratify)
        return tuple(name for name in found if name is not None)

    def reason(self, split: Split) -> str:
        """Why a split has no rows, for its error."""
        if not self.of.get(split):
            return ", since `split` gives it no share"
        each = "" if self.stratify is None else f" of each value of column `{self.stratify}`"
        return f", since the values of column `{self.group or self.column}`{each} are too few for its share"

    def divide(self, table: Table) -> dict[Split, Positions]:
        """The positions of each split's rows.

        The unit of a row (its group, or else its id) is hashed to a number from 0 to 1, and the shares divide that
        range, so that the split does not depend on other rows. With `stratify`, the units of each value are sorted by their
        numbers and divided: then the shares are exact up to one unit, and an added row may move the border by one.

        Raises:
            ManifestError: a column, or a cell in it, is missing; the message names the file.
        """
        decides = self.group or self.column
        assert decides is not None
        codes, units = codes_of(table, decides)
        # as text, since CSV and parquet may differ in the type
        numbers = np.array([_number(str(unit), self.seed) for unit in units])
        if self.stratify is not None:
            strata, values = codes_of(table, self.stratify)
            numbers = _ranked(numbers, _stratum_of_unit(codes, strata, len(units), len(values)))
        borders = np.cumsum([self.of.get(split, 0.0) for split in SPLITS])
        # the rest, which rounding may leave at the end
        borders[np.flatnonzero(np.diff(borders, prepend=0.0) > 0)[-1] :] = np.inf
        of_unit = np.searchsorted(borders, numbers, side="right")
        of_row = of_unit[codes]
        return {
            split: np.flatnonzero(of_row == index) for index, split in enumerate(SPLITS) if split in self.of
        }


def codes_of(table: Table, name: str, rows: Positions | slice = slice(None)) -> tuple[Codes, list[Any]]:
    """The number of the value of each of the rows, and the values.

    Raises:
        ManifestError: there is no such column, or one of the rows has no value in it; the message names the file.
    """
    try:
        codes, values = table.coded(name)
    except ManifestError as error:
        raise ManifestError(f"{table.path}: {error}") from error
    chosen = codes[rows]
    if (chosen < 0).any():
        position = int(np.arange(len(codes))[rows][chosen.argmin()])
        raise ManifestError(f"{table.path}: column `{name}` has no value in {table.place(position)}")
    return chosen, values


def _number(unit: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}:{unit}".encode(), digest_size=8).digest()
    # 53 bits, which a float represents exactly
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def _stratum_of_unit(codes: Codes, strata: Codes, units: int, values: int) -> Codes:
    """The most frequent value among the rows of each unit; the first one of several."""
    # a count for every pair of unit and value, which takes half a gigabyte at the limit
    counts = (
        np.bincount(codes * values + strata, minlength=units * values) if units * values < 1 << 26 else None
    )
    if counts is not None:
        most: Codes = counts.reshape(units, values).argmax(axis=1).astype(np.int64)
        return most
    first = np.zeros(units, dtype=np.int64)
    first[codes[::-1]] = strata[::-1]
    return first


def _ranked(numbers: npt.NDArray[np.float64], strata: Codes) -> npt.NDArray[np.float64]:
    """The rank of each unit in its stratum, from 0 to 1."""
    order = np.lexsort((numbers, strata))
    counts = np.bincount(strata)
    starts = np.cumsum(counts) - counts
    ranked = np.empty(len(numbers))
    ranked[order] = (np.arange(len(numbers)) - starts[strata[order]] + 0.5) / counts[strata[order]]
    return ranked
