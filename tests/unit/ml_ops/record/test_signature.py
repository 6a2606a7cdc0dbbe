"""The signature of a model."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from mlflow.models import ModelSignature

from serotiny.ml_ops.record.signature import SignatureRecorder, signature_text, specs
from serotiny.ml_ops.run import run
from serotiny.models import TabularVAE
from serotiny.models.vae import VAEOutput
from serotiny.tracking import layout

from ..conftest import MakePlan

Specs = dict[str | None, tuple[str, tuple[int, ...]]]


def read(text: str) -> tuple[Specs, Specs]:
    """What MLflow reads in a signature: inputs and outputs."""
    signature = ModelSignature.from_dict(json.loads(text))
    inputs, outputs = (
        {spec.name: (spec.type.name, spec.shape) for spec in schema.inputs} if schema is not None else {}
        for schema in (signature.inputs, signature.outputs)
    )
    return inputs, outputs


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
        (
            {"x": torch.zeros(4, 2, dtype=torch.bfloat16), "both": VAEOutput(*torch.zeros(3, 4, 1))},
            {
                "x": ("float32", (-1, 2)),
                "both.reconstruction": ("float32", (-1, 1)),
                "both.mean": ("float32", (-1, 1)),
                "both.log_variance": ("float32", (-1, 1)),
            },
        ),
    ],
)
def test_mlflow_reads_what_a_batch_holds(batch: Any, expected: dict[str | None, Any]) -> None:
    """Names, dtypes and shapes, in which any number of rows fits."""
    found = [*specs(batch)]
    assert (expected, {}) == read(signature_text(found, []))
    assert (expected, expected) == read(signature_text(found, found))


def test_a_training_leaves_the_signature_of_its_model(make_plan: MakePlan, tmp_path: Path) -> None:
    """It is beside the config in the run; without outputs, since the toy's step does not call the model."""
    run(make_plan(), tmp_path / "run")

    inputs, outputs = read((tmp_path / "run" / "config" / "signature.json").read_text())
    assert ([("float32", (-1, 4))], {}) == ([*inputs.values()], outputs)


def test_the_outputs_are_those_of_the_first_call_of_the_model() -> None:
    """By the names of a named tuple; what is called afterwards is not looked at."""
    written: dict[str, str] = {}
    session = SimpleNamespace(log_text=lambda text, path: written.setdefault(path, text))
    model, batch = TabularVAE(4, 2, [], "x"), {"x": torch.zeros(3, 4)}
    recorder = SignatureRecorder(session)  # what it uses of one

    recorder.on_train_batch_start(None, model, batch, 0)
    model(batch["x"])
    recorder.on_train_batch_end(None, model, None, batch, 0)
    model(torch.zeros(2, 4))

    outputs = {
        "reconstruction": ("float32", (-1, 4)),
        "mean": ("float32", (-1, 2)),
        "log_variance": ("float32", (-1, 2)),
    }
    assert ({"x": ("float32", (-1, 4))}, outputs) == read(written[layout.SIGNATURE])
    assert not model._forward_hooks
