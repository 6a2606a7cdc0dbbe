"""Rows and how they become a batch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.data import default_collate

from serotiny.datamodules.rows import Rows, collate_compact, collate_rows
from serotiny.manifest.errors import ManifestError

ROWS = Rows({"x": torch.arange(6).reshape(3, 2), "name": ["a", "b", "c"], "y": [1, 2, 3]}, 3)


def plain(batch: dict[str, Any]) -> dict[str, Any]:
    return {key: value.tolist() if isinstance(value, torch.Tensor) else value for key, value in batch.items()}


def test_rows_are_a_sequence_of_dictionaries() -> None:
    """A collate function of one's own can go through them, count them and index them."""
    dictionaries = [plain(row) for row in ROWS]
    assert [[0, 1], [2, 3], [4, 5]] == [row["x"] for row in dictionaries]
    assert {"x": [4, 5], "name": "c", "y": 3} == plain(ROWS[-1])
    assert 3 == len(ROWS)
    with pytest.raises(IndexError):
        ROWS[3]


def test_slice_of_rows_is_rows() -> None:
    """It holds what the slice of the dictionaries would."""
    assert [plain(row) for row in ROWS][1:] == [plain(row) for row in ROWS[1:]]


def test_batch_is_that_of_default_collate() -> None:
    """Columns collate to what their rows, one by one, collate to."""
    expected = plain(default_collate([ROWS[0], ROWS[1], ROWS[2]]))
    assert expected == plain(collate_rows(ROWS))
    assert expected == plain(collate_rows(list(ROWS)))


def test_tensor_is_handed_on_as_it_is() -> None:
    """Nothing is copied for the batch."""
    assert ROWS.columns["x"] is collate_rows(ROWS)["x"]


def test_values_that_are_kept_as_stored_are_expanded_in_a_row_and_in_a_batch() -> None:
    """A collate function of one's own never meets them as stored; `collate_compact` leaves them, where they are alike."""

    def expand(values: torch.Tensor) -> torch.Tensor:
        return values / 2 if values.dtype == torch.uint8 else values

    stored = [torch.tensor([2], dtype=torch.uint8), torch.tensor([4], dtype=torch.uint8)]
    alike = Rows({"x": stored}, 2, expansions={"x": expand})
    mixed = Rows({"x": [stored[0], torch.tensor([7.0])]}, 2, expansions={"x": expand})

    assert [[1.0], [2.0]] == [row["x"].tolist() for row in alike]
    assert [[2.0]] == [row["x"].tolist() for row in alike[1:]]
    assert [[1.0], [2.0]] == collate_rows(alike)["x"].tolist()
    assert torch.uint8 == collate_compact(alike)["x"].dtype
    assert [[1.0], [7.0]] == collate_compact(mixed)["x"].tolist()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            [torch.zeros(1, 2, 3), torch.zeros(1, 3, 3)],
            "loader `image` gave rows that make no batch: stack expects",
        ),
        ([None, None], "loader `image` gave rows that make no batch: default_collate"),
    ],
)
def test_rows_that_make_no_batch_are_an_error(column: list[Any], message: str) -> None:
    """Images of two sizes, or a loader that returns nothing: the key is named."""
    with pytest.raises(ManifestError, match=message):
        collate_rows(Rows({"image": column}, 2))
    with pytest.raises(ManifestError, match=message):
        collate_rows([{"image": cell} for cell in column])
