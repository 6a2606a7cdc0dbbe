"""Fill missing values and scale values, by statistics of the rows of the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from serotiny.manifest.errors import ManifestError

OnMissing = Literal["error", "drop", "fill"]
FillValue = Literal["mean", "median"]
Normalize = Literal["standard", "minmax"]

Statistics = Mapping[str, Tensor]
"""`fill`, `center` and `scale`, each float64 of shape (C,); only those that are needed."""

_BLOCK_ROWS = 8192


@dataclass(frozen=True)
class Preparation:
    """How missing values are filled and values are scaled, by statistics of the training's rows alone.

    Attributes:
        on_missing: `error` is raised by the loader; `drop` leaves such rows out; `fill` inserts a value.
        fill_value: a number, or `mean` or `median` of the column.
        normalize: `standard` subtracts the mean and divides by the standard deviation (of the population; 1 for a
            column that does not vary), `minmax` maps the smallest value to 0 and the largest to 1.
    """

    on_missing: OnMissing = "error"
    fill_value: float | FillValue = "mean"
    normalize: Normalize | None = None

    def __post_init__(self) -> None:
        _check("on_missing", self.on_missing, get_args(OnMissing))
        if self.normalize is not None:
            _check("normalize", self.normalize, get_args(Normalize))
        if not isinstance(self.fill_value, int | float):
            _check("fill_value", self.fill_value, get_args(FillValue))

    @property
    def keeps_missing(self) -> bool:
        """Whether a missing value is allowed."""
        return self.on_missing != "error"

    @property
    def is_fitted(self) -> bool:
        """Whether statistics of the rows of the training are needed."""
        fills = self.on_missing == "fill" and isinstance(self.fill_value, str)
        return fills or self.normalize is not None

    def complete_rows(self, values: Tensor) -> Tensor | None:
        """The positions of the rows to keep; None for all. `values` has shape (N,) or (N, C)."""
        if self.on_missing != "drop":
            return None
        complete = torch.ones(len(values), dtype=torch.bool)
        for start in range(0, len(values), _BLOCK_ROWS):
            block = values[start : start + _BLOCK_ROWS]
            complete[start : start + _BLOCK_ROWS] = ~block.isnan().reshape(len(block), -1).any(dim=1)
        return None if bool(complete.all()) else complete.nonzero()[:, 0]

    def fit(self, values: Tensor, rows: Tensor, names: Sequence[str] | None = None) -> Statistics:
        """The statistics of some rows of the values, shape (N,) or (N, C); NaN is ignored.

        The names of the columns are for messages.

        Raises:
            ManifestError: a column has no value in these rows, or an infinite one.
        """
        if not self.is_fitted:
            return {}
        moments = _Moments.of(values, rows)
        empty = (moments.count == 0).nonzero()
        if len(empty):
            raise ManifestError(f"{_named(empty, names)} has no value in the rows of the training")
        infinite = (moments.smallest.isinf() | moments.largest.isinf()).nonzero()
        if len(infinite):
            raise ManifestError(
                f"{_named(infinite, names)} holds an infinite number in the rows of the training, which has no mean"
            )
        found: dict[str, Tensor] = {}
        if self.on_missing == "fill" and isinstance(self.fill_value, str):
            found["fill"] = moments.mean if self.fill_value == "mean" else _medians(values, rows)
        if self.normalize is None:
            return found
        if self.on_missing == "fill":
            fill = (
                found["fill"]
                if isinstance(self.fill_value, str)
                else torch.full_like(moments.mean, self.fill_value)
            )
            moments = moments.filled(fill, len(rows))
        if self.normalize == "standard":
            center, scale = moments.mean, moments.deviation
        else:
            center, scale = moments.smallest, moments.largest - moments.smallest
        return found | {"center": center, "scale": torch.where(scale > 0, scale, 1.0)}

    def apply(self, values: Tensor, statistics: Statistics) -> None:
        """Fill and scale all values, in place."""
        flat = values if values.ndim > 1 else values[:, None]
        fill = statistics.get("fill")
        if self.on_missing == "fill" and fill is None:
            fill = torch.full((flat.shape[1],), float(self.fill_value))
        for start in range(0, len(flat), _BLOCK_ROWS):
            block = flat[start : start + _BLOCK_ROWS]
            if fill is not None:
                block.copy_(torch.where(block.isnan(), fill.to(block.dtype), block))
            if "center" in statistics:
                block.copy_((block.double() - statistics["center"]) / statistics["scale"])


@dataclass(frozen=True, kw_only=True)
class _Moments:
    """The moments of each column over its values that are not NaN; float64 of shape (C,)."""

    count: Tensor
    mean: Tensor
    squares: Tensor
    smallest: Tensor
    largest: Tensor

    @classmethod
    def of(cls, values: Tensor, rows: Tensor) -> _Moments:
        """Computed block by block, and merged by equation 1.5 of Chan, Golub & LeVeque (1983)."""
        flat = values if values.ndim > 1 else values[:, None]
        zero = torch.zeros(flat.shape[1], dtype=torch.float64)
        whole = cls(count=zero, mean=zero, squares=zero, smallest=zero + torch.inf, largest=zero - torch.inf)
        for start in range(0, len(rows), _BLOCK_ROWS):
            block = flat.index_select(0, rows[start : start + _BLOCK_ROWS]).double()
            there = ~block.isnan()
            count = there.sum(dim=0).double()
            mean = block.nan_to_num(nan=0.0).sum(dim=0) / count.clamp(min=1)
            squares = torch.where(there, block - mean, 0.0).square().sum(dim=0)
            smallest = torch.where(there, block, torch.inf).amin(dim=0)
            largest = torch.where(there, block, -torch.inf).amax(dim=0)
            part = cls(count=count, mean=mean, squares=squares, smallest=smallest, largest=largest)
            whole = whole.joined(part)
        return whole

    def joined(self, other: _Moments) -> _Moments:
        count = self.count + other.count
        weight = other.count / count.clamp(min=1)
        delta = other.mean - self.mean
        return _Moments(
            count=count,
            mean=self.mean + delta * weight,
            squares=self.squares + other.squares + delta.square() * self.count * weight,
            smallest=torch.minimum(self.smallest, other.smallest),
            largest=torch.maximum(self.largest, other.largest),
        )

    def filled(self, fill: Tensor, rows: int) -> _Moments:
        """The moments of all `rows` rows once missing values are replaced by `fill`."""
        missing = rows - self.count
        none = missing == 0
        return self.joined(
            _Moments(
                count=missing,
                mean=torch.where(none, self.mean, fill),
                squares=torch.zeros_like(fill),
                smallest=torch.where(none, torch.inf, fill),
                largest=torch.where(none, -torch.inf, fill),
            )
        )

    @property
    def deviation(self) -> Tensor:
        return (self.squares / self.count).sqrt()


def _named(columns: Tensor, names: Sequence[str] | None) -> str:
    first = int(columns[0, 0])
    return f"column {first} of it" if names is None else f"column `{names[first]}`"


def _medians(values: Tensor, rows: Tensor) -> Tensor:
    flat = values if values.ndim > 1 else values[:, None]
    columns = [flat[:, index].index_select(0, rows).double() for index in range(flat.shape[1])]
    # torch's quantile takes fewer than 2**24 values; of an even number, nanmedian gives the lower middle one
    return torch.stack(
        [column.nanquantile(0.5) if len(column) < 1 << 24 else column.nanmedian() for column in columns]
    )


def _check(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ManifestError(
            f"`{name}` is `{value}`; it is one of {', '.join(f'`{item}`' for item in allowed)}"
        )
