"""The signature of a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from mlflow.models import ModelSignature

from serotiny.ml_ops.record.signature import signature_text
from serotiny.ml_ops.run import run

from ..conftest import MakePlan


def inputs(text: str) -> dict[str | None, tuple[str, tuple[int, ...]]]:
    """What MLflow reads in a signature."""
    schema = ModelSignature.from_dict(json.loads(text)).inputs
    return {spec.name: (spec.type.name, spec.shape) for spec in schema.inputs}


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (
            {"x": torch.zeros(4, 64), "id": torch.zeros(4, dtype=torch.int64), "label": ["a", "b", "c", "d"]},
            {"x": ("float32", (-1, 64)), "id": ("int64", (-1,)), "label": ("str", (-1,))},
        ),
        (
            [torch.zeros(4, 1, 8, 8), {"y": torch.zeros(4)}],
            {"0": ("float32", (-1, 1, 8, 8)), "1.y": ("float32", (-1,))},
        ),
        (torch.zeros(4, 2), {None: ("float32", (-1, 2))}),
        (
            {"x": torch.zeros(4, 2), "temperature": torch.tensor(1.0), "other": object()},
            {"x": ("float32", (-1, 2)), "temperature": ("float32", ())},
        ),
    ],
)
def test_mlflow_reads_what_a_batch_holds(batch: Any, expected: dict[str | None, Any]) -> None:
    """Names, dtypes and shapes, in which any number of rows fits."""
    assert expected == inputs(signature_text(batch))


def test_a_training_leaves_the_signature_of_its_model(make_plan: MakePlan, tmp_path: Path) -> None:
    """It is beside the config in the run."""
    run(make_plan(), tmp_path / "run")

    assert [("float32", (-1, 4))] == [
        *inputs((tmp_path / "run" / "config" / "signature.json").read_text()).values()
    ]
