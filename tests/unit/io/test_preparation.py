"""Missing values and scales, by the rows of the training alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from serotiny.io.dataframe.loaders import LoadColumns
from serotiny.io.dataframe.loaders.preparation import Preparation
from serotiny.manifest.errors import ManifestError

NAN = float("nan")
VALUES = torch.tensor([[1.0, 5.0], [3.0, NAN], [8.0, 5.0], [100.0, 7.0]])
TRAIN = torch.tensor([0, 1, 2])


def prepared(values: torch.Tensor = VALUES, rows: torch.Tensor = TRAIN, **options: Any) -> list[Any]:
    preparation = Preparation(**options)
    values = values.clone()
    preparation.apply(values, preparation.fit(values, rows))
    return values.tolist()


def test_standard_gives_the_training_mean_0_and_deviation_1() -> None:
    """Numbers are those of torch over the training's rows; other rows are scaled by them."""
    values = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0)) * 5 + 2
    found = torch.tensor(prepared(values, torch.arange(15_000), normalize="standard"))
    train = values[:15_000].double()
    expected = (values.double() - train.mean(0)) / train.std(0, correction=0)
    torch.testing.assert_close(expected.float(), found)


def test_minmax_maps_the_training_to_0_and_1() -> None:
    """What lies outside of the training may lie outside of [0, 1]."""
    found = prepared(VALUES[:, :1], normalize="minmax")
    assert [0.0, pytest.approx(2 / 7), 1.0] == [row[0] for row in found[:3]]
    assert found[3][0] > 1


def test_column_that_does_not_vary_is_only_centred() -> None:
    """Nothing is divided by zero."""
    assert [[0.0], [0.0], [4.0]] == prepared(
        torch.tensor([[3.0], [3.0], [7.0]]), torch.tensor([0, 1]), normalize="standard"
    )


@pytest.mark.parametrize(("fill_value", "expected"), [("mean", 5.0), ("median", 5.0), (2, 2.0)])
def test_missing_value_is_filled(fill_value: Any, expected: float) -> None:
    """By the column's mean or median in the training, or by a number."""
    found = prepared(on_missing="fill", fill_value=fill_value)
    assert expected == found[1][1]
    assert 7.0 == found[3][1]


def test_scale_counts_what_was_filled() -> None:
    """Filled and scaled is as if the filled values had been there."""
    whole = torch.tensor([[1.0, 5.0], [3.0, 0.0], [8.0, 5.0], [100.0, 7.0]])
    expected = torch.tensor(prepared(whole, normalize="standard"))
    found = torch.tensor(prepared(on_missing="fill", fill_value=0, normalize="standard"))
    torch.testing.assert_close(expected, found)


@pytest.mark.parametrize("fill_value", ["mean", "median"])
@pytest.mark.parametrize("normalize", ["standard", "minmax"])
def test_filled_values_are_scaled_like_the_others(fill_value: Any, normalize: Any) -> None:
    """The mean and the median of a column are its values as well."""
    at = {"mean": 5.0, "median": 5.0}[fill_value]
    whole = torch.where(VALUES.isnan(), at, VALUES)
    expected = torch.tensor(prepared(whole, normalize=normalize))
    found = torch.tensor(prepared(on_missing="fill", fill_value=fill_value, normalize=normalize))
    torch.testing.assert_close(expected, found)


def test_infinite_number_has_no_scale() -> None:
    """All values of its column would become infinite, or none."""
    values = torch.tensor([[1.0, 2.0], [3.0, float("inf")]])
    with pytest.raises(ManifestError, match="column 1 of it holds an infinite number"):
        prepared(values, torch.tensor([0, 1]), normalize="minmax")


def test_incomplete_rows_can_be_dropped() -> None:
    """The rows that have all of their values are kept."""
    kept = Preparation(on_missing="drop").complete_rows(VALUES)
    assert kept is not None
    assert [0, 2, 3] == kept.tolist()
    assert Preparation(on_missing="drop").complete_rows(VALUES[2:]) is None


def test_column_without_any_value_is_an_error() -> None:
    """There is no mean of nothing."""
    with pytest.raises(ManifestError, match="column 1 of it has no value in the rows of the training"):
        prepared(rows=torch.tensor([1]), on_missing="fill")


@pytest.mark.parametrize("options", [{"on_missing": "skip"}, {"normalize": "robust"}, {"fill_value": "mode"}])
def test_unknown_way_is_an_error(options: dict[str, Any]) -> None:
    """What is allowed is listed."""
    with pytest.raises(ManifestError, match="it is one of"):
        Preparation(**options)


def test_whole_numbers_cannot_be_missing() -> None:
    """There is no NaN among them."""
    with pytest.raises(ManifestError, match="are for floats, not for `int64`"):
        LoadColumns(["x"], dtype="int64", on_missing="drop")
