"""What torch refuses when it is first run, compared with what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from serotiny.targets import SignatureReader, TargetSignature
from serotiny.targets.signatures.body.refusals.when_run import WHEN_RUN
from serotiny.targets.value_types.conditions import UnknownValueError, evaluate, names_in

if TYPE_CHECKING:
    from collections.abc import Callable

_GIVEN: dict[str, Any] = {"in_channels": 4, "out_channels": 4, "num_channels": 4, "embed_dim": 4}
_GIVEN |= {"num_groups": 2, "num_heads": 2, "kernel_size": 2, "output_size": 2, "upscale_factor": 2}
_GIVEN |= {"downscale_factor": 2, "groups": 2, "size": 2, "T_max": 2, "step_size": 2, "base_lr": 0.1}
_GIVEN |= {"max_lr": 0.2, "optimizer": None}
_WRONG: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("kernel_size", "stride", "dilation"), (0, -1)),
    **dict.fromkeys(("padding", "output_size"), (-1,)),
    **dict.fromkeys(("upscale_factor", "downscale_factor", "groups", "num_groups", "size"), (0, -1)),
    **dict.fromkeys(("T_max", "step_size_up", "step_size"), (0,)),
    "dropout": (1.5,),
    "lower": (0.9,),
    "scale_factor": (0, -1),
    "align_corners": (True, False),
    "reduction": ("avg", ""),
    "label_smoothing": (1.5,),
    "beta": (-1.0,),
    "delta": (0.0, -1.0),
}

_ALSO: dict[str, dict[str, Any]] = {"Upsample": {"scale_factor": 2}, "RReLU": {"upper": 0.5}}


def faults(path: str) -> list[tuple[str, Any]]:
    """Each parameter in a condition of a class, with each of its wrong values, alone and in a list."""
    names = dict.fromkeys(name for refusal in WHEN_RUN[path] for name in names_in(refusal.test))
    if path.endswith("Upsample"):
        names.pop("size")
    alone = [(name, value) for name in names for value in _WRONG.get(name, ())]
    listed = [(name, [1, value]) for name, value in alone if path.endswith("2d")]
    return alone + listed


def is_refused(signature: TargetSignature, arguments: dict[str, Any]) -> bool:
    """Whether one of the conditions holds."""
    defaults = {item.name: item.default.value for item in signature.parameters if item.default}
    values = {**defaults, **arguments}

    def holds(test: str) -> bool:
        try:
            return bool(evaluate(test, values))
        except UnknownValueError:
            return False

    return any(holds(refusal.test) for refusal in WHEN_RUN[signature.path])


def inputs(made: nn.Module) -> tuple[torch.Tensor, ...]:
    """What a layer, or a loss, can be called with."""
    name = type(made).__name__
    rows, count = torch.rand(2, 4), torch.tensor([1, 1])
    match name:
        case "CTCLoss":
            return (
                torch.rand(4, 2, 3).log_softmax(2),
                torch.ones(2, 2, dtype=torch.long),
                count * 4,
                count * 2,
            )
        case "CosineEmbeddingLoss" | "MarginRankingLoss":
            return (rows, rows, count) if name.startswith("Cos") else (rows[:, 0], rows[:, 1], count)
        case "CrossEntropyLoss" | "NLLLoss" | "MultiMarginLoss":
            return rows, count
        case "MultiLabelMarginLoss":
            return rows, torch.ones(2, 4, dtype=torch.long)
        case "TripletMarginLoss" | "MultiheadAttention":
            return rows, rows, rows
        case _ if name.endswith("Loss"):
            return rows, rows
        case _:
            ends = [dimensions for dimensions in (1, 2, 3) if name.endswith(f"{dimensions}d")]
            return (torch.rand(2, 4, *[8] * (ends[0] if ends else 2)),)


def is_failing(path: str, arguments: dict[str, Any]) -> bool:
    """Whether making an object and calling it once fails."""
    maker: Callable[..., Any] = getattr(
        torch.optim.lr_scheduler if "optim" in path else nn, path.split(".")[-1]
    )
    try:
        if "optimizer" in arguments:
            optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(2))], lr=0.1)
            scheduler = maker(**{**arguments, "optimizer": optimizer})
            optimizer.step()
            scheduler.step()
        else:
            made = maker(**arguments)
            made(*inputs(made))
    except (RuntimeError, ValueError, ZeroDivisionError):
        return True
    return False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", WHEN_RUN)
def test_class_fails_with_what_it_is_said_to_refuse_and_only_with_that(path: str) -> None:
    """Each wrong value, alone or in a list, makes the first call fail; without it the same call works."""
    signature = SignatureReader().read(path)
    assert isinstance(signature, TargetSignature)
    names = [item.name for item in signature.parameters if item.required]
    given = {name: _GIVEN[name] for name in names}
    given |= _ALSO.get(path.rpartition(".")[2], {})
    wrong = faults(path)
    assert wrong
    expected = [(*fault, True, True) for fault in wrong]

    found = [
        (name, value, is_refused(signature, arguments), is_failing(path, arguments))
        for name, value in wrong
        for arguments in [{**given, name: value}]
    ]

    assert expected == found
    assert (False, False) == (is_refused(signature, given), is_failing(path, given))
