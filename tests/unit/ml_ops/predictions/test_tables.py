from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from serotiny.ml_ops.predictions.tables import PredictionsError, as_table


def test_mappings_become_a_column_each() -> None:
    """Plain columns for (N,), lists for (N, D), text and scalars as they are; one row a sample."""
    batch = {"id": ["a", "b"], "score": torch.tensor([0.5, 1.5]), "embedding": torch.ones(2, 3), "epoch": 4}
    table = as_table(batch)
    assert ["a", "b"] == table["id"].to_pylist()
    assert [0.5, 1.5] == table["score"].to_pylist()
    assert [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]] == table["embedding"].to_pylist()
    assert [4, 4] == table["epoch"].to_pylist()


@pytest.mark.parametrize(
    ("batch", "columns"),
    [
        (torch.ones(2), {"prediction": [1.0, 1.0]}),
        (np.ones((2, 1), dtype=np.int64), {"prediction": [[1], [1]]}),
        (torch.ones(1, 2, 2), {"prediction": [[[1.0, 1.0], [1.0, 1.0]]]}),
        ((torch.zeros(1), ["x"]), {"prediction_0": [0.0], "prediction_1": ["x"]}),
        (torch.ones(2, dtype=torch.bfloat16), {"prediction": [1.0, 1.0]}),
        ([torch.ones(2), torch.zeros(2)], {"prediction": [[1.0, 1.0], [0.0, 0.0]]}),
        (torch.tensor(3), {"prediction": [3]}),
        ({"none": None, "x": torch.ones(2)}, {"none": [None, None], "x": [1.0, 1.0]}),
    ],
    ids=["vector", "matrix", "cube", "tuple", "bfloat16", "list", "scalar", "none"],
)
def test_outputs_of_other_kinds_become_columns(batch: Any, columns: dict[str, list[Any]]) -> None:
    """What `predict_step` may give beside mappings."""
    assert columns == as_table(batch).to_pydict()


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({"a": torch.ones(2), "b": torch.ones(3)}, "different numbers of rows .*`a` 2, `b` 3"),
        ({"a": [object()]}, "`a` of the output of `predict_step` cannot be a column"),
        ({"a": {"b": torch.ones(9999)}}, r"cannot be a column \(.{,150}\); give the model"),
        (
            torch.ones(2, dtype=torch.complex64),
            "`prediction` of the output of `predict_step` cannot be a column",
        ),
    ],
    ids=["unequal", "objects", "nested", "complex"],
)
def test_outputs_that_are_no_table_are_an_error_with_a_way_out(batch: Any, message: str) -> None:
    """The message names the output and what to write instead."""
    with pytest.raises(PredictionsError, match=message):
        as_table(batch)
