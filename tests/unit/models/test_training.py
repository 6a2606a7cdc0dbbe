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
from torch import nn

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadClass, LoadColumn, LoadColumns
from serotiny.models import BasicModel, TabularVAE
from serotiny.models.errors import BatchError

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


def make_vae() -> TabularVAE:
    torch.manual_seed(0)
    return TabularVAE(6, 2, [16], "x", optimizer=partial(torch.optim.Adam, lr=1e-2), beta=0.5)


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
