from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from serotiny.ml_ops.predictions.tables import PredictionsError, as_table


def test_mappings_become_a_column_each() -> None:
    """Plain columns for (N,), lists for (N, D), text and scalars as they are; one row a sample."""
    batches = [
        {"id": ["a", "b"], "score": torch.tensor([0.5, 1.5]), "embedding": torch.ones(2, 3), "epoch": 4},
        {"id": ["c"], "score": torch.tensor([2.5]), "embedding": torch.zeros(1, 3), "epoch": 4},
    ]
    table = as_table(batches)
    assert ["a", "b", "c"] == table["id"].to_pylist()
    assert [0.5, 1.5, 2.5] == table["score"].to_pylist()
    assert [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]] == table["embedding"].to_pylist()
    assert [4, 4, 4] == table["epoch"].to_pylist()


@pytest.mark.parametrize(
    ("batch", "columns"),
    [
        (torch.ones(2), {"prediction": [1.0, 1.0]}),
        (np.ones((2, 1), dtype=np.int64), {"prediction": [[1], [1]]}),
        (torch.ones(1, 2, 2), {"prediction": [[[1.0, 1.0], [1.0, 1.0]]]}),
        ((torch.zeros(1), ["x"]), {"prediction_0": [0.0], "prediction_1": ["x"]}),
        (torch.ones(2, dtype=torch.bfloat16), {"prediction": [1.0, 1.0]}),
        (torch.tensor(3), {"prediction": [3]}),
        ({"none": None, "x": torch.ones(2)}, {"none": [None, None], "x": [1.0, 1.0]}),
    ],
    ids=["vector", "matrix", "cube", "tuple", "bfloat16", "scalar", "none"],
)
def test_outputs_of_other_kinds_become_columns(batch: Any, columns: dict[str, list[Any]]) -> None:
    """What `predict_step` may give beside mappings."""
    assert columns == as_table([batch]).to_pydict()


def test_several_loaders_are_told_apart() -> None:
    """The column `dataloader` counts them."""
    assert {"dataloader": [0, 1, 1], "prediction": [1.0, 0.0, 0.0]} == as_table(
        [[torch.ones(1)], [torch.zeros(2)]]
    ).to_pydict()


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([], "there is nothing to write"),
        ([{"a": torch.ones(2), "b": torch.ones(3)}], "different numbers of rows .*`a` 2, `b` 3"),
        ([{"a": [object()]}], "`a` of the output of `predict_step` cannot be a column"),
    ],
    ids=["nothing", "unequal", "objects"],
)
def test_outputs_that_are_no_table_are_an_error_with_a_way_out(batches: list[Any], message: str) -> None:
    """The message names the output and what to write instead."""
    with pytest.raises(PredictionsError, match=message):
        as_table(batches)
