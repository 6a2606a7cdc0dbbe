"""Jobs on a GPU, from the command line; without a GPU nothing is tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from pyarrow import parquet

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

MAIN = "import sys; from serotiny.cli.main import main; sys.exit(main())"

ROWS = 640

CONFIG = """
data:
  _target_: serotiny.datamodules.ManifestDatamodule
  path: table.parquet
  split_column: split
  batch_size: 32
  num_workers: 0
  loaders:
    x: {_target_: serotiny.io.dataframe.loaders.LoadColumns, startswith: x_}
    id: {_target_: serotiny.io.dataframe.loaders.LoadColumn, column: id}
model:
  _target_: serotiny.models.TabularVAE
  x_label: x
  x_dim: 8
  latent_dim: 2
  hidden_layers: [16]
  compiled: false
trainer:
  _target_: pytorch_lightning.Trainer
  max_epochs: 3
  accelerator: gpu
  devices: 1
  precision: 32-true
  deterministic: true
  callbacks:
    - {_target_: study.stopping.Stopping}
mlflow:
  tracking_uri: sqlite:///mlflow.db
  experiment_name: study
  run_name: one
seed: 1
test: false
"""

STOPPING = """
import os
import signal
from pathlib import Path

import pytorch_lightning as pl


class Stopping(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        stop = Path("stop")
        if stop.is_file() and trainer.global_step == int(stop.read_text()):
            stop.unlink()
            os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    values = np.random.default_rng(0).standard_normal((8, ROWS), dtype=np.float32)
    splits = ["train" if number % 10 < 8 else ("valid", "test")[number % 2] for number in range(ROWS)]
    cells = {
        "id": pa.array(range(ROWS)),
        "split": pa.array(splits),
        **{f"x_{number}": column for number, column in enumerate(values)},
    }
    parquet.write_table(pa.table(cells), tmp_path / "table.parquet")
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    (tmp_path / "study" / "config").mkdir(parents=True)
    (tmp_path / "study" / "__init__.py").touch()
    (tmp_path / "study" / "stopping.py").write_text(STOPPING)
    for operation in ("train", "predict"):
        (tmp_path / "study" / "config" / f"{operation}.yaml").write_text(CONFIG)
    return tmp_path


def call(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    return subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def trained(project: Path, name: str) -> dict[str, torch.Tensor]:
    """The weights of the run's last checkpoint."""
    (checkpoint,) = (project / "outputs").rglob(f"{name}/**/last.ckpt")
    weights: dict[str, torch.Tensor] = torch.load(checkpoint, weights_only=True)["state_dict"]
    return weights


def test_a_stopped_training_goes_on_to_the_same_bits(project: Path) -> None:
    """Stopped within the second epoch, the weights of the end are those of a training that was not stopped."""
    whole = call(project, "train", "mlflow.run_name=whole", "++hydra.run.dir=outputs/whole")
    (project / "stop").write_text("21")
    resumed = ("train", "mlflow.run_name=stopped", "++hydra.run.dir=outputs/stopped")
    stopped, again = call(project, *resumed), call(project, *resumed)

    assert 0 == whole.returncode, whole.stderr
    assert 0 != stopped.returncode
    assert 0 == again.returncode, again.stderr
    expected, actual = trained(project, "whole"), trained(project, "stopped")
    assert expected.keys() == actual.keys()
    assert [] == [name for name in expected if not torch.equal(expected[name].cpu(), actual[name].cpu())]


def test_a_model_is_trained_in_mixed_precision_and_predicts_each_row(project: Path) -> None:
    """With compiled networks, too; the table of predictions has the rows of the split, and their ids."""
    named = ("mlflow.run_name=mixed", "trainer.precision=bf16-mixed", "model.compiled=true")
    done = call(project, "train", *named)
    predicted = call(project, "predict", *named, "++hydra.run.dir=outputs/predicted")

    assert 0 == done.returncode, done.stderr
    assert 0 == predicted.returncode, predicted.stderr
    (table,) = (project / "outputs").rglob("predictions.parquet")
    ids = parquet.read_table(table)["id"].to_pylist()
    assert [number for number in range(ROWS) if number % 10 >= 8 and number % 2] == ids


def test_a_rehearsal_tells_the_memory_of_the_gpu(project: Path) -> None:
    """The peak of torch, and the largest batch, which is at most an epoch, after training on such batches."""
    done = call(project, "rehearse", "train", "--largest-batch")

    assert 0 == done.returncode, done.stderr
    assert re.search(r"at most \d+(\.\d+)? MiB on the GPU", done.stdout)
    assert "larger batches trained on" in done.stdout
    assert "about 512 rows" in done.stdout
