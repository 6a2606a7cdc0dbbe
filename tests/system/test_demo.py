"""The demo's job on real data: digits, trained through the command line, recorded in MLflow, loaded again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

# Runs in a process of its own: MLflow and Lightning configure themselves once a process.
READ_BACK = """
import json, sys
import mlflow
import pytorch_lightning as pl
from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadColumns
from serotiny.ml_ops.mlflow_utils import load_model_from_checkpoint

uri = "sqlite:///mlflow.db"
client = mlflow.MlflowClient(uri)
(run,) = client.search_runs([client.get_experiment_by_name("digits").experiment_id])
losses = [point.value for point in client.get_metric_history(run.info.run_id, "val_loss")]
model = load_model_from_checkpoint(uri, run.info.run_id)
data = ManifestDatamodule("data/digits.csv", {"pixels": LoadColumns(startswith="pixel_")}, "split", batch_size=64)
trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False)
(tested,) = trainer.test(model, datamodule=data, verbose=False)
print(json.dumps({
    "name": run.info.run_name,
    "status": run.info.status,
    "val_losses": losses,
    "logged_test_loss": run.data.metrics["test_loss"],
    "loaded_test_loss": tested["test_loss"],
}))
"""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with its manifest."""
    folder = tmp_path_factory.mktemp("demo") / "digits"
    source = ROOT / "examples" / "digits"
    folder.mkdir()
    shutil.copy(source / "pyproject.toml", folder)
    shutil.copytree(source / "digits", folder / "digits", ignore=shutil.ignore_patterns("__pycache__"))
    call(folder, sys.executable, "-m", "digits.manifest")
    return folder


@pytest.fixture(scope="module")
def trained(digits: Path) -> str:
    """What training prints."""
    return call(digits, str(BIN / "serotiny"), "train", "++trainer.max_epochs=10").stdout


@pytest.fixture(scope="module")
def recorded(digits: Path, trained: str) -> dict[str, Any]:
    """What MLflow knows of the run, and the test loss of the model that it gives back."""
    outcome: dict[str, Any] = json.loads(
        call(digits, sys.executable, "-c", READ_BACK).stdout.splitlines()[-1]
    )
    return outcome


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_training_lowers_the_validation_loss(recorded: dict[str, Any]) -> None:
    """Ten epochs on the digits are recorded under one run, and its validation loss falls."""
    assert recorded["status"] == "FINISHED"
    assert len(recorded["val_losses"]) == 10
    assert recorded["val_losses"][-1] < 0.7 * recorded["val_losses"][0]


def test_loaded_model_reproduces_the_test_loss(recorded: dict[str, Any]) -> None:
    """The model that MLflow gives back has the test loss that was logged, to 1e-5."""
    assert recorded["loaded_test_loss"] == pytest.approx(recorded["logged_test_loss"], rel=1e-5)


def test_training_ends_by_saying_where_things_are(trained: str, recorded: dict[str, Any]) -> None:
    """The last lines name the run, its losses, its checkpoint, and the command that opens MLflow's UI."""
    assert recorded["name"] in trained
    assert "val_loss" in trained
    assert ".ckpt" in trained
    assert "mlflow ui --backend-store-uri sqlite:///" in trained


def test_a_run_is_told_on_one_page(digits: Path, recorded: dict[str, Any]) -> None:
    """Training leaves `report.html` among the artifacts; `serotiny report` writes the same facts, by name or id."""
    (left,) = digits.glob("mlartifacts/*/artifacts/report.html")
    call(digits, str(BIN / "serotiny"), "report", recorded["name"], "-o", "page.html")
    for page in (left.read_text(), (digits / "page.html").read_text()):
        assert "digits/config/model/tabular_vae.yaml:" in page
        assert f"{recorded['logged_test_loss']:.6g}" in page
        assert "load_model_from_checkpoint(" in page
        assert "override `++trainer.max_epochs=10`" in page
        assert 'aria-label="loss"' in page
