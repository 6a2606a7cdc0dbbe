"""Training on growing batches until the memory is exhausted."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest
import torch

import serotiny
from serotiny.ml_ops.rehearsal.largest_batch import Trial, largest_batch, repeated
from serotiny.ml_ops.rehearsal.small_job import small_plan

CONFIG = """
data:
  _target_: serotiny.datamodules.ManifestDatamodule
  path: table.csv
  split_column: split
  batch_size: 8
  loaders: {x: {_target_: serotiny.io.dataframe.loaders.LoadColumns, startswith: x_}}
model: {_target_: study.models.Full, x_label: x, x_dim: 2, latent_dim: 1, hidden_layers: []}
trainer: {_target_: pytorch_lightning.Trainer, accelerator: cpu, devices: 1, max_epochs: 1}
mlflow: {tracking_uri: null}
"""

MODEL = """
import torch

from serotiny.models import TabularVAE


class Full(TabularVAE):
    def training_step(self, batch, batch_idx):
        if len(batch["x"]) > 100:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")
        return super().training_step(batch, batch_idx)
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    (tmp_path / "study" / "config").mkdir(parents=True)
    (tmp_path / "study" / "__init__.py").touch()
    (tmp_path / "study" / "models.py").write_text(MODEL)
    (tmp_path / "study" / "config" / "train.yaml").write_text(CONFIG)
    rows = "".join(f"{('train', 'valid')[number % 5 == 4]},{number},1\n" for number in range(40))
    (tmp_path / "table.csv").write_text(f"split,x_0,x_1\n{rows}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("epoch_rows", "expected"), [(0, 100), (96, 96), (8, 8)])
def test_the_largest_batch_is_the_last_that_was_trained_on(
    study: Path, epoch_rows: int, expected: int
) -> None:
    """To a sixteenth of it, and no more than an epoch has."""
    plan = small_plan(serotiny.compile("train").plan, "train")
    trial = Trial(plan=plan, folder=study / "trials", rows=8, epoch_rows=epoch_rows)
    assert expected == largest_batch(trial)


def test_a_batch_is_repeated_in_all_of_its_rows() -> None:
    """Tensors and texts, in mappings, sequences and named tuples; what has no row for each position is kept."""
    pair = namedtuple("pair", "x y")
    batch = {
        "both": pair(torch.tensor([1, 2]), [torch.tensor([[3], [4]])]),
        "names": ["a", "b"],
        "scale": torch.tensor(0.5),
        "of": "all",
    }
    found = repeated(batch, torch.tensor([0, 1, 0]), rows=2)
    assert [1, 2, 1] == found["both"].x.tolist()
    assert [[3], [4], [3]] == found["both"].y[0].tolist()
    assert (["a", "b", "a"], 0.5, "all") == (found["names"], found["scale"].item(), found["of"])
