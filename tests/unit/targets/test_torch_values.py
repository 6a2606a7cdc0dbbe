"""Values that torch works with though its annotations say otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils import data

from serotiny.targets import SignatureReader, TargetSignature, accepts
from serotiny.targets.tolerated import works_with
from serotiny.targets.torch_values import FLAGS, WHOLE_NUMBERS, is_switched
from serotiny.targets.value_types.texts import TEXT_FORMS

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadParameter

ROWS = torch.ones(4, 6)
IMAGES = torch.ones(2, 4, 8, 8)
SEQUENCES = torch.ones(3, 5, 6)
TABLE = data.TensorDataset(ROWS)

Switches = dict[str, Any]


def _steps(optimizer: type[torch.optim.Optimizer], switches: Switches) -> None:
    weight = nn.Parameter(torch.ones(3))
    used = optimizer([weight], **{"lr": 0.1, **switches})
    weight.grad = torch.ones(3)
    used.step()


def _anneals(scheduler: Callable[..., Any]) -> None:
    used = scheduler(torch.optim.SGD([nn.Parameter(torch.ones(3))], lr=0.1, momentum=0.9))
    used.optimizer.step()
    used.step()


def _activates(name: str) -> Callable[[Switches], Any]:
    given = {"Threshold": (0.1, 20.0)}.get(name, ())
    return lambda switches: getattr(nn, name)(*given, **switches)(ROWS.clone())


_OTHERS: dict[str, Callable[[Switches], Any]] = {
    "Linear": lambda switches: nn.Linear(6, 2, **switches)(ROWS),
    "Bilinear": lambda switches: nn.Bilinear(6, 6, 2, **switches)(ROWS, ROWS),
    "_ConvNd": lambda switches: (
        nn.Conv2d(4, 2, 3, **switches)(IMAGES),
        nn.ConvTranspose2d(4, 2, 3, **switches)(IMAGES),
    ),
    "_NormBase": lambda switches: (
        nn.BatchNorm1d(6, **switches)(ROWS),
        nn.InstanceNorm2d(4, **switches)(IMAGES),
    ),
    "LayerNorm": lambda switches: nn.LayerNorm(6, **switches)(ROWS),
    "GroupNorm": lambda switches: nn.GroupNorm(2, 4, **switches)(IMAGES),
    "RMSNorm": lambda switches: nn.RMSNorm(6, **switches)(ROWS),
    "MultiheadAttention": lambda switches: nn.MultiheadAttention(6, 2, **switches)(
        SEQUENCES, SEQUENCES, SEQUENCES
    ),
    "TransformerEncoderLayer": lambda switches: nn.TransformerEncoderLayer(6, 2, 8, **switches)(SEQUENCES),
    "TransformerDecoderLayer": lambda switches: nn.TransformerDecoderLayer(6, 2, 8, **switches)(
        SEQUENCES, SEQUENCES
    ),
    "_MaxPoolNd": lambda switches: nn.MaxPool2d(2, **switches)(IMAGES),
    "_DropoutNd": lambda switches: nn.Dropout(0.1, **switches)(ROWS.clone()),
    "OneCycleLR": lambda switches: _anneals(
        lambda made: lr_scheduler.OneCycleLR(made, 0.1, total_steps=5, **switches)
    ),
    "CyclicLR": lambda switches: _anneals(lambda made: lr_scheduler.CyclicLR(made, 0.1, 0.2, **switches)),
    "DataLoader": lambda switches: list(data.DataLoader(TABLE, batch_size=3, **switches)),
    "DistributedSampler": lambda switches: list(data.DistributedSampler(TABLE, 2, 0, **switches)),
}


def _failure(name: str, switch: str, value: bool | int | None) -> str | None:
    """What using the object fails with: some switches are looked at only then."""
    switches: Switches = {switch: value}
    try:
        if name in _OTHERS:
            _OTHERS[name](switches)
        elif FLAGS[name] == {"inplace"}:
            _activates(name)(switches)
        else:
            _steps(getattr(torch.optim, name), switches)
    except (AssertionError, ValueError) as error:
        return str(error)
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(FLAGS))
def test_torch_works_with_null_and_numbers_as_with_bools(name: str) -> None:
    """Each switch is set alone. Some that are true need a GPU, or another setting; so they do with 1."""
    for switch in sorted(FLAGS[name]):
        assert [None, None] == [_failure(name, switch, value) for value in (None, 0)]
        assert _failure(name, switch, True) == _failure(name, switch, 1)


@pytest.mark.parametrize(
    ("path", "name", "value", "expected"),
    [
        ("torch.nn.Linear", "bias", None, True),
        ("torch.nn.Linear", "bias", 0, True),
        ("torch.nn.Linear", "bias", 2, False),
        ("torch.nn.Linear", "bias", 1.5, False),
        ("torch.nn.Linear", "in_features", None, False),
        ("torch.nn.Conv3d", "bias", None, True),
        ("torch.nn.Dropout2d", "inplace", None, True),
        ("torch.nn.ReLU6", "inplace", None, True),
        ("torch.optim.AdamW", "amsgrad", None, True),
        ("torch.optim.AdamW", "differentiable", None, False),
        ("torch.utils.data.DataLoader", "pin_memory", None, True),
        ("torch.utils.data.DataLoader", "drop_last", None, False),
        ("torch.nn.MaxPool2d", "ceil_mode", None, False),
        ("torch.nn.Embedding", "sparse", None, False),
        ("torchmetrics.classification.BinaryAccuracy", "validate_args", None, False),
    ],
)
def test_only_switches_that_were_seen_to_work_may_be_null(
    read_parameter: ReadParameter, path: str, name: str, value: float | None, expected: bool
) -> None:
    """Compiled functions, and some checks in Python, ask for a bool itself."""
    assert expected is is_switched(*read_parameter(path, name), value)


def _rates(name: str, number: str, value: float) -> list[float]:
    """The learning rates of a few epochs in which nothing gets better."""
    used = torch.optim.SGD([nn.Parameter(torch.ones(3))], lr=0.1)
    scheduler = getattr(lr_scheduler, name)(used, **{number: value})
    rates = []
    for _ in range(3 * int(value)):
        used.step()
        scheduler.step(*((1.0,) if name == "ReduceLROnPlateau" else ()))
        rates.append(used.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize("name", sorted(WHOLE_NUMBERS))
def test_schedule_with_a_whole_float_is_the_one_with_the_int(name: str) -> None:
    """`1e1` is a float in YAML."""
    for number in sorted(WHOLE_NUMBERS[name]):
        assert _rates(name, number, 10) == _rates(name, number, 10.0)


@pytest.mark.parametrize(
    ("path", "name", "value", "expected"),
    [
        ("torch.optim.lr_scheduler.StepLR", "step_size", 1e3, True),
        ("torch.optim.lr_scheduler.StepLR", "step_size", 1.5, False),
        ("torch.optim.lr_scheduler.CosineAnnealingWarmRestarts", "T_0", 1e3, False),
        ("torch.nn.Linear", "in_features", 8.0, False),
    ],
)
def test_only_numbers_that_are_reckoned_with_may_be_whole_floats(
    read_parameter: ReadParameter, path: str, name: str, value: float, expected: bool
) -> None:
    """Some schedulers ask for an int, and sizes of tensors are ints."""
    assert expected is works_with(*read_parameter(path, name), value)


def test_texts_of_dtypes_and_devices_are_those_of_torch() -> None:
    """Every name that torch has for one is taken, with or without its package, and no misspelt one."""
    names = [name for name in dir(torch) if isinstance(getattr(torch, name), torch.dtype)]
    dtype, device = TEXT_FORMS["torch.dtype"], TEXT_FORMS["torch.device"]

    assert [] == [name for name in names if not (dtype.reads(name) and dtype.reads(f"torch.{name}"))]
    assert [True, True, False, False] == [device.reads(text) for text in ("cpu", "cuda:1", "gpu", "cuda1")]
    assert [False, False] == [dtype.reads(text) for text in ("float33", "fp16")]


@pytest.mark.parametrize("name", ["embed_dim", "num_heads"])
def test_layer_without_annotations_needs_the_numbers_that_its_body_calculates_with(name: str) -> None:
    """Torch enforces what it annotates; of the rest its body says what it needs."""
    reader, path = SignatureReader(), "torch.nn.MultiheadAttention"
    signature = reader.read(path)
    assert isinstance(signature, TargetSignature)
    parameter = signature.parameter(name)
    assert parameter is not None
    assert parameter.body is not None

    needed = reader.body_needs(path, parameter.body, name).types

    assert not all(accepts(value_type, "eight") for value_type in needed)
