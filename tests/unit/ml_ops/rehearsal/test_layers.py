"""Where a batch got stuck, in the model and in its config."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from serotiny.ml_ops.rehearsal.layers import LayerTrace, config_keys

MODEL = {
    "_target_": "serotiny.models.BasicModel",
    "network": {
        "_target_": "torch.nn.Sequential",
        "_args_": [{"_target_": "torch.nn.Linear"}, {"_args_": [{"_target_": "torch.nn.ReLU"}]}],
    },
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("network.0", ("network", "_args_", 0)),
        ("network.1.0", ("network", "_args_", 1, "_args_", 0)),
        ("network.7", ("network",)),
        ("network", ("network",)),
        ("encoder.0", ()),
        ("", ()),
    ],
)
def test_a_module_is_found_in_the_config_that_made_it(path: str, expected: tuple[Any, ...]) -> None:
    """By the names of arguments and the numbers of positional ones, as far as they lead."""
    assert expected == config_keys(MODEL, path)


def test_the_layer_at_fault_is_the_one_that_has_not_ended() -> None:
    """It is told with its path, what it is made with, and the shapes that it got; what ended before is not."""
    model = nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.ReLU(), nn.Linear(2, 1)))
    trace = LayerTrace(model)
    with pytest.raises(RuntimeError):
        model(torch.zeros(5, 4))

    call = trace.innermost
    assert call is not None
    assert ("1.1", ((5, 3),)) == (call.path, call.inputs)
    assert call.layer.startswith("Linear(in_features=2, out_features=1")

    trace.forget()
    trace.remove()
    with pytest.raises(RuntimeError):
        model(torch.zeros(5, 4))
    assert trace.innermost is None
