"""The models under a real trainer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix
from torchmetrics.wrappers import BootStrapper, ClasswiseWrapper, MinMaxMetric

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadClass, LoadColumn, LoadColumns
from serotiny.models import BasicModel, TabularVAE
from serotiny.models.errors import BatchError, ModelError

pytestmark = [
    # Lightning advises more workers for any number of them below that of the cores.
    pytest.mark.filterwarnings("ignore:.*does not have many workers:UserWarning"),
    # Lightning 2.6 uses a class that torch 2.13 deprecates.
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*is deprecated:FutureWarning"),
]


@pytest.fixture
def data(tmp_path: Path) -> ManifestDatamodule:
    """Two clouds of 96 points in 6 dimensions, 64 to train on and 16 for each of the others."""
    random = np.random.default_rng(0)
    label = np.arange(96) % 2
    frame = pd.DataFrame(
        random.normal(size=(96, 6)) + 4 * label[:, None], columns=[f"x_{i}" for i in range(6)]
    )
    frame = frame.assign(id=range(96), label=label, split=["train"] * 64 + ["valid"] * 16 + ["test"] * 16)
    frame.to_csv(tmp_path / "m.csv", index=False)
    loaders = {"id": LoadColumn("id"), "x": LoadColumns(startswith="x_"), "y": LoadClass("label")}
    return ManifestDatamodule(tmp_path / "m.csv", loaders, "split", batch_size=16, seed=0)


def trainer(folder: Path, **options: Any) -> pl.Trainer:
    return pl.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        devices=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
        **options,
    )


def make_vae(**options: Any) -> TabularVAE:
    torch.manual_seed(0)
    adam = partial(torch.optim.Adam, lr=1e-2)
    return TabularVAE(6, 2, [16], "x", optimizer=adam, beta=0.5, **options)


def make_classifier() -> BasicModel:
    torch.manual_seed(0)
    schedule = partial(torch.optim.lr_scheduler.StepLR, step_size=1)
    return BasicModel(nn.Linear(6, 2), nn.CrossEntropyLoss(), "x", "y", lr_scheduler=schedule)


def test_vae_learns_and_logs_its_terms(tmp_path: Path, data: ManifestDatamodule) -> None:
    """The validation loss falls; each loss is its terms' weighted sum."""
    model = make_vae()
    before = trainer(tmp_path).validate(model, data, verbose=False)[0]["val_loss"]
    fit = trainer(tmp_path, max_epochs=10, enable_checkpointing=False)
    fit.fit(model, data)
    metrics = {name: float(value) for name, value in fit.callback_metrics.items()}
    assert {f"{s}_{part}" for s in ("train", "val") for part in ("loss", "reconstruction", "kl")} == set(
        metrics
    )
    assert metrics["val_loss"] < before / 2
    for stage in ("train", "val"):
        expected = metrics[f"{stage}_reconstruction"] + 0.5 * metrics[f"{stage}_kl"]
        assert pytest.approx(expected, rel=1e-5) == metrics[f"{stage}_loss"]


@pytest.mark.parametrize("make", [make_vae, make_classifier])
def test_checkpoint_is_read_with_weights_only_and_gives_the_same_loss(
    tmp_path: Path, data: ManifestDatamodule, make: Any
) -> None:
    """A checkpoint holds tensors and plain data; the loaded model is the trained one."""
    fit = trainer(tmp_path, max_epochs=2)
    model = make()
    fit.fit(model, data)
    fit.save_checkpoint(tmp_path / "last.ckpt")
    expected = fit.test(model, data, verbose=False)
    state = torch.load(tmp_path / "last.ckpt", weights_only=True)["state_dict"]
    loaded = make()
    loaded.load_state_dict(state)
    assert expected == trainer(tmp_path).test(loaded, data, verbose=False)


def test_prediction_covers_the_test_rows_in_order(tmp_path: Path, data: ManifestDatamodule) -> None:
    """Each row comes with its id."""
    predictions = trainer(tmp_path).predict(make_vae(), data)
    assert predictions is not None
    rows: list[Any] = list(predictions)
    assert list(range(80, 96)) == torch.cat([batch["id"] for batch in rows]).tolist()
    assert (16, 2) == tuple(torch.cat([batch["embedding"] for batch in rows]).shape)


def test_scheduler_is_stepped_after_each_epoch(tmp_path: Path, data: ManifestDatamodule) -> None:
    """StepLR divides the learning rate by ten, twice."""
    fit = trainer(tmp_path, max_epochs=2, enable_checkpointing=False)
    fit.fit(make_classifier(), data)
    assert pytest.approx(1e-5) == fit.optimizers[0].param_groups[0]["lr"]


def test_training_twice_from_one_seed_gives_the_same_bits(tmp_path: Path, data: ManifestDatamodule) -> None:
    """Data and model draw nothing that the seed does not decide."""
    weights = []
    for _ in range(2):
        model = make_vae()
        trainer(tmp_path, max_epochs=2, enable_checkpointing=False).fit(model, data)
        weights.append(torch.cat([parameter.flatten() for parameter in model.parameters()]))
    assert torch.equal(weights[0], weights[1])


def test_wrong_label_fails_in_the_first_batch(tmp_path: Path, data: ManifestDatamodule) -> None:
    """The error of the model comes through the trainer as it is."""
    with pytest.raises(BatchError, match=r"the batch has no `pixels`; its keys, .* are `id`, `x`, `y`"):
        trainer(tmp_path, max_epochs=1).fit(TabularVAE(6, 2, [], "pixels"), data)


def classifier(**options: Any) -> BasicModel:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    return BasicModel(
        network, nn.CrossEntropyLoss(), "x", "y", optimizer=partial(torch.optim.Adam, lr=1e-2), **options
    )


def test_metrics_are_those_of_all_rows_of_an_epoch(data: ManifestDatamodule, tmp_path: Path) -> None:
    """A metric that is no mean over batches comes out as over all predictions at once, for each stage its own."""
    model = classifier(metrics={"accuracy": MulticlassAccuracy(2, average="micro")})
    run = trainer(tmp_path, max_epochs=3)
    run.fit(model, datamodule=data)
    assert {"train_accuracy", "val_accuracy", "train_loss", "val_loss"} <= run.callback_metrics.keys()
    (tested,) = run.test(model, datamodule=data, verbose=False)
    batch = next(iter(data.test_dataloader()))
    expected = (model.eval()(batch["x"]).argmax(dim=1) == batch["y"]).double().mean().item()
    assert pytest.approx(expected) == tested["test_accuracy"]


@pytest.mark.parametrize(
    ("metric", "what"),
    [
        (MulticlassConfusionMatrix(2), r"tensor of shape \(2, 2\)"),
        (MulticlassAccuracy(2, average=None), r"tensor of shape \(2,\)"),
        (ClasswiseWrapper(MulticlassAccuracy(2, average=None)), "dict"),
        (BootStrapper(MulticlassAccuracy(2)), "dict"),
        (MinMaxMetric(MulticlassAccuracy(2)), "dict"),
    ],
)
def test_metric_of_several_numbers_is_told_by_its_name(
    data: ManifestDatamodule, tmp_path: Path, metric: Any, what: str
) -> None:
    """With what to take instead."""
    with pytest.raises(ModelError, match=rf"`metrics\.m` gives a {what}, and one number is logged"):
        trainer(tmp_path, max_epochs=1).fit(classifier(metrics={"m": metric}), data)


def test_check_of_metrics_does_not_wait_for_other_processes() -> None:
    """One of them may be asking for another metric, so that both would wait for ever; the metric itself is as before."""
    asked = []

    def gather(state: Tensor, group: object) -> list[Tensor]:
        asked.append(state)
        return [state, state]

    inner = MulticlassAccuracy(2, average="micro", distributed_available_fn=lambda: True, dist_sync_fn=gather)
    model = classifier(metrics={"m": inner})
    of_training: Any = model.stage_metrics["train_"]
    metric = of_training["m"]
    metric.update(torch.tensor([0, 1, 1]), torch.tensor([0, 1, 0]))
    model._check_metrics("train")
    assert [] == asked
    metric.compute()
    assert asked


def test_what_is_no_metric_is_an_error() -> None:
    """The name is told."""
    with pytest.raises(ModelError, match=r"`metrics\.accuracy` is a str, not a torchmetrics metric"):
        classifier(metrics={"accuracy": "accuracy"})


def test_collection_of_metrics_is_an_error() -> None:
    """It has names of its own, and `metrics` has them already."""
    collection: Any = MetricCollection({"a": MulticlassAccuracy(2)})
    with pytest.raises(
        ModelError, match=r"`metrics\.all` is a MetricCollection, .*; list its metrics by name"
    ):
        classifier(metrics={"all": collection})


def test_metric_that_needs_more_rows_than_a_batch_has_is_logged(
    data: ManifestDatamodule, tmp_path: Path
) -> None:
    """What it says of the first batch is no fault of the metric."""
    run = trainer(tmp_path, max_epochs=1, limit_val_batches=0)
    run.fit(classifier(metrics={"m": _OfAllRows()}), data)
    assert 64 == run.callback_metrics["train_m"]


class _OfAllRows(Metric):
    rows: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("rows", torch.tensor(0.0), dist_reduce_fx="sum")

    def update(self, output: Tensor, target: Tensor) -> None:
        self.rows += len(output)

    def compute(self) -> Tensor:
        if self.rows < 64:
            raise ValueError("too few rows")
        return self.rows


def test_accumulated_gradients_are_those_of_one_large_batch(data: ManifestDatamodule, tmp_path: Path) -> None:
    """Four batches of 16 rows move the weights as one of 64 does."""
    weights = []
    for number, accumulate in ((64, 1), (16, 4)):
        own = ManifestDatamodule(
            data.path, data._request.loaders["train"], "split", batch_size=number, shuffle=False
        )
        model = classifier()
        trainer(tmp_path / str(number), max_epochs=2, accumulate_grad_batches=accumulate).fit(
            model, datamodule=own
        )
        weights.append(torch.cat([parameter.flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(weights[0], weights[1])


@pytest.mark.parametrize("model", [make_vae, classifier], ids=["vae", "classifier"])
def test_mixed_precision_trains(data: ManifestDatamodule, tmp_path: Path, model: Any) -> None:
    """With bf16 the weights stay float32 and the loss falls."""
    losses = []
    made = model()
    for epochs in (1, 8):
        run = trainer(tmp_path / str(epochs), max_epochs=epochs, precision="bf16-mixed")
        run.fit(made, datamodule=data)
        losses.append(float(run.callback_metrics["val_loss"]))
    assert losses[1] < losses[0]
    assert {torch.float32} == {parameter.dtype for parameter in made.parameters()}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_a_compiled_model_is_the_same_model(data: ManifestDatamodule, tmp_path: Path) -> None:
    """`torch.compile` changes no number beyond rounding, and the weights keep their names."""
    for make in (make_vae, classifier):
        plain, compiled = make(), make(compiled="aot_eager")
        for name, model in (("plain", plain), ("compiled", compiled)):
            torch.manual_seed(0)
            trainer(tmp_path / make.__name__ / name, max_epochs=1).fit(model, datamodule=data)
        torch.testing.assert_close(plain.state_dict(), compiled.state_dict())
