"""BasicModel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from serotiny.models import BasicModel
from serotiny.models.errors import BatchError
from serotiny.models.staged_module import Stage


class Recorded(BasicModel):
    """Keeps what it logs, as there is no trainer in a unit test."""

    def log_dict(self, dictionary: Mapping[str, Any], **options: Any) -> None:  # type: ignore[override]
        self.logged = (dict(dictionary), options)


def classifier(model: type[BasicModel] = Recorded, **changes: Any) -> BasicModel:
    torch.manual_seed(0)
    arguments: dict[str, Any] = {
        "network": nn.Linear(3, 2),
        "loss": nn.CrossEntropyLoss(),
        "x_label": "x",
        "y_label": "y",
    }
    return model(**(arguments | changes))


def batch() -> dict[str, Any]:
    return {"x": torch.eye(3), "y": torch.tensor([0, 1, 1]), "index": torch.arange(3)}


@pytest.mark.parametrize("stage", ["train", "val", "test"])
def test_loss_is_that_of_output_and_target(stage: str) -> None:
    """Each stage's step gives the loss and logs it as the mean over the rows of an epoch."""
    model = classifier()
    step = {"train": model.training_step, "val": model.validation_step, "test": model.test_step}[stage]
    expected = nn.functional.cross_entropy(model.network(batch()["x"]), batch()["y"])
    assert torch.equal(expected, step(batch(), 0))
    assert isinstance(model, Recorded)
    logged, options = model.logged
    assert {f"{stage}_loss": expected.item()} == {name: loss.item() for name, loss in logged.items()}
    assert {"on_step": False, "on_epoch": True, "batch_size": 3, "sync_dist": True} == options


def test_loss_may_be_a_function() -> None:
    """Any callable of output and target."""
    model = classifier(loss=lambda output, target: (output[:, 0] - target).abs().sum())
    expected = (model.network(torch.eye(3))[:, 0] - batch()["y"]).abs().sum()
    assert torch.equal(expected, model.training_step(batch(), 0))


def test_parameters_of_the_loss_are_trained() -> None:
    """A loss that is a module is part of the model."""
    assert 4 == len(list(classifier(loss=nn.Linear(1, 1)).parameters()))


def test_prediction_is_the_output_with_the_rows_names() -> None:
    """No target is needed."""
    model = classifier()
    predicted = model.predict_step({"x": torch.eye(3), "index": torch.arange(3)}, 0)
    assert {"index", "prediction"} == set(predicted)
    assert torch.equal(model.network(torch.eye(3)), predicted["prediction"])


def test_output_that_is_a_dictionary_is_predicted_as_it_is() -> None:
    """A network names its own outputs."""

    class TwoHeads(nn.Module):
        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"first": x, "second": 2 * x}

    predicted = classifier(network=TwoHeads()).predict_step({"x": torch.ones(2), "id": ["a", "b"]}, 0)
    assert {"id", "first", "second"} == set(predicted)


def test_parse_batch_can_be_overridden() -> None:
    """What of a batch is used."""

    class Flipped(Recorded):
        def parse_batch(self, batch: Mapping[str, Any]) -> tuple[Any, Any]:
            x, y = super().parse_batch(batch)
            return x.flip(1), y

    model = classifier(Flipped)
    expected = nn.functional.cross_entropy(model.network(torch.eye(3).flip(1)), batch()["y"])
    assert torch.equal(expected, model.training_step(batch(), 0))


def test_forward_can_be_overridden() -> None:
    """How the network is called."""

    class Doubled(Recorded):
        def forward(self, x: Any) -> Any:
            return 2 * self.network(x)

    model = classifier(Doubled)
    assert torch.equal(2 * model.network(torch.eye(3)), model.predict_step(batch(), 0)["prediction"])


def test_step_can_be_overridden() -> None:
    """Everything: each stage calls it with its name."""

    class Own(BasicModel):
        def _step(self, stage: Stage, batch: Mapping[str, Any], batch_idx: int) -> Tensor:
            return torch.tensor({"train": 10, "val": 20, "test": 30}[stage] + batch_idx)

    model = classifier(Own)
    steps = [model.training_step, model.validation_step, model.test_step]
    assert [11, 22, 33] == [int(step({}, number)) for number, step in enumerate(steps, start=1)]


@pytest.mark.parametrize("missing", ["x", "y"])
def test_missing_key_is_an_error(missing: str) -> None:
    """The key and those that are there are named."""
    incomplete = {key: value for key, value in batch().items() if key != missing}
    with pytest.raises(BatchError, match=f"the batch has no `{missing}`; its keys, .* `index`"):
        classifier().training_step(incomplete, 0)


@pytest.mark.parametrize("label", [2, -3])
def test_label_without_a_class_is_named(label: int) -> None:
    """Torch has a bare IndexError for it; a row that the loss ignores is not the one at fault."""
    rows = {"x": torch.eye(3), "y": torch.tensor([-100, label, 1])}
    with pytest.raises(BatchError, match=f"the label {label} in `y` has no class: the network has 2 outputs"):
        classifier().training_step(rows, 0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int32, torch.bool])
def test_labels_of_another_type_are_named(dtype: torch.dtype) -> None:
    """The key and both types; shares of each class, which the loss takes as numbers, are none."""
    kind = str(dtype).removeprefix("torch.")
    with pytest.raises(BatchError, match=f"the labels in `y` are {kind}, and the loss takes int64"):
        classifier().training_step(batch() | {"y": torch.ones(3, dtype=dtype)}, 0)
    classifier().training_step(batch() | {"y": torch.full((3, 2), 0.5)}, 0)


@pytest.mark.parametrize("key", ["x", "y"])
def test_text_for_numbers_is_named(key: str) -> None:
    """The key, a text, and which loader gives numbers; a loss of one's own may take texts."""
    texts = ["one", "two", "three"]
    with pytest.raises(
        BatchError, match=f"`{key}` of the batch is text, `one` for example; `LoadClass` gives"
    ):
        classifier().training_step(batch() | {key: texts}, 0)
    model = classifier(loss=lambda output, target: output.sum() * len(target))
    assert model.training_step(batch() | {"y": texts}, 0).isfinite()


def test_other_index_error_of_a_loss_is_its_own() -> None:
    """Only labels are judged."""

    def loss(output: Tensor, target: Tensor) -> Tensor:
        raise IndexError("of the loss")

    with pytest.raises(IndexError, match="of the loss"):
        classifier(loss=loss).training_step(batch(), 0)


def test_model_is_one_of_pytorch_lightning() -> None:
    """Models and trainer come from one of the two namespaces."""
    assert isinstance(classifier(), pl.LightningModule)
