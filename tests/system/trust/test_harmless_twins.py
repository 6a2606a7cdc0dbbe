"""Configs that look like those that mean harm, and mean none: they are trained, not only checked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import serotiny

MODELS = """
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Tiny(pl.LightningModule):
    def __init__(self, width: int = 2, net=None, loss=None, optimizer=None, note: str = "", start=None):
        super().__init__()
        self.net = net if net is not None else nn.Linear(width, 1)
        self.loss = loss if loss is not None else nn.functional.mse_loss
        self.optimizer, self.note = optimizer, note
        if start is not None:
            start(self.net.weight)

    @classmethod
    def of_width(cls, width: int) -> "Tiny":
        return cls(width)

    def training_step(self, batch, index):
        x, y = batch
        return self.loss(self.net(x), y)

    def validation_step(self, batch, index):
        self.log("val_loss", self.training_step(batch, index))

    def configure_optimizers(self):
        if self.optimizer is not None:
            return self.optimizer(self.parameters())
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Rows(pl.LightningDataModule):
    def __init__(self, rows: int = 4, width: int = 2):
        super().__init__()
        self.set = TensorDataset(torch.ones(rows, width), torch.ones(rows, 1))

    def train_dataloader(self):
        return DataLoader(self.set, batch_size=2)

    val_dataloader = train_dataloader


def make(width: int = 2) -> Tiny:
    return Tiny(width)


def system(width: int = 2) -> Tiny:
    return Tiny(width)


def shout(trainer, pl_module) -> None:
    print("HELLO")
"""

BASE = """
seed: 1
model:
  _target_: twins_pkg.models.Tiny
data:
  _target_: twins_pkg.models.Rows
trainer:
  fast_dev_run: true
  accelerator: cpu
mlflow:
  tracking_uri: null
"""

TWINS = {
    "a function of the project called `system`": "model: {_target_: twins_pkg.models.system, width: 2}",
    "a class method": "model: {_target_: twins_pkg.models.Tiny.of_width, width: 2}",
    "an activation and a container by their paths": (
        "model: {net: {_target_: torch.nn.Sequential, _args_: [{_target_: torch.nn.Linear, in_features: 2, "
        "out_features: 1}, {_target_: torch.nn.ReLU}]}}"
    ),
    "a partial of a loss": "model: {loss: {_target_: torch.nn.functional.l1_loss, _partial_: true}}",
    "a loss that is a module": "model: {loss: {_target_: torch.nn.SmoothL1Loss}}",
    "an initialiser": "model: {start: {_target_: torch.nn.init.zeros_, _partial_: true}}",
    "an optimiser that is given parameters later": (
        "model: {optimizer: {_target_: torch.optim.Adam, _partial_: true, lr: 1e-3}}"
    ),
    "a text that only looks like a command": "model: {note: \"os.system('rm -rf /'); $(touch x) `id` ; | &\"}",
    "a text with an escaped interpolation": "model: {note: '\\${oc.env:HOME}'}",
    "a target chosen by an interpolation": (
        "name: Tiny\nmodel: {_target_: 'twins_pkg.models.${name}'}\nextra: {__class__: nothing}"
    ),
    "a callback of functions that is given the project's": (
        "trainer: {callbacks: [{_target_: pytorch_lightning.callbacks.LambdaCallback, "
        "on_fit_start: {_target_: twins_pkg.models.shout, _partial_: true}}]}"
    ),
    "callbacks by name with a hole": (
        "trainer: {callbacks: {stop: {_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: val_loss}, "
        "none: null}}"
    ),
    "a job's folder made of its number": "hydra: {run: {dir: 'outputs/${hydra.job.name}/it'}}",
    "a variable that decides nothing": "hydra: {job: {env_set: {TWINS_COLOUR: blue}}}",
    "a log format of plain fields": (
        "hydra: {job_logging: {formatters: {simple: {format: '%(levelname)s %(message)s'}}}}"
    ),
    "words of YAML and YAML's anchors": (
        "anchors: &one {width: 2}\nmodel: *one\nextra: {yes: no, '_target': os.system, target: os.system, at: '1:30'}"
    ),
    "a number of many digits and one that is none": "extra: {big: 123456789012345678, nan: .nan, inf: -.inf}",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("twins")
    (root / "twins_pkg" / "config" / "parts").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "twins_pkg"\n')
    (root / "twins_pkg" / "__init__.py").touch()
    (root / "twins_pkg" / "models.py").write_text(MODELS)
    (root / "twins_pkg" / "config" / "base.yaml").write_text(BASE)
    return root


@pytest.mark.parametrize("name", TWINS)
def test_what_only_looks_like_harm_is_trained(
    name: str, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It compiles without an error, and one batch of each loop runs."""
    monkeypatch.chdir(study)
    monkeypatch.setattr(sys, "path", [*sys.path])
    config = study / "twins_pkg" / "config" / "train.yaml"
    config.write_text(f"defaults: [base, _self_]\n{TWINS[name]}\n")

    compilation = serotiny.compile("train")
    assert [] == [found for found in compilation.diagnostics if found.is_error]
    result = serotiny.run(compilation.plan)

    assert ("train", "FINISHED") == (result.operation, result.status)
