"""What `serotiny new` makes: it checks clean, trains, tests, predicts, and can be packed and installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project

SEROTINY = str(Path(sys.executable).with_name("serotiny"))
NAMES = ["++mlflow.experiment_name=Your experiment name", "++mlflow.run_name=your run name"]
MINE = ["model=my_model", "data=my_data"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))


def call(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def succeed(project: Path, *command: str) -> str:
    done = call(project, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_new_project_checks_clean(project: Path) -> None:
    """Every operation and every option of the generated configs compiles, without as much as a warning."""
    done = call(project, SEROTINY, "check", "config", "--format", "json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["diagnostics"] == []


def test_new_project_passes_its_own_tests(project: Path) -> None:
    """The test that the project ships compiles its configs and trains its model a step."""
    output = succeed(project, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert "5 passed" in output


def test_own_model_is_trained_tested_and_used(project: Path) -> None:
    """The documented call trains the project's own model; test and predict then find that run by its name."""
    settings = ["++seed=1337", "++trainer.max_epochs=10", "++trainer.enable_checkpointing=True"]
    succeed(project, SEROTINY, "train", *MINE, "trainer/callbacks=my_callbacks", *settings, *NAMES)
    succeed(project, SEROTINY, "test", *MINE, *NAMES)
    succeed(project, SEROTINY, "predict", *MINE, *NAMES)

    script = f"""
import mlflow
uri = "sqlite:///{project}/mlflow.db"
client = mlflow.MlflowClient(uri)
experiment = client.get_experiment_by_name("Your experiment name")
(run,) = client.search_runs([experiment.experiment_id])
assert run.info.run_name == "your run name", run.info.run_name
assert run.info.status == "FINISHED", run.info.status
assert {{"train_loss", "val_loss", "test_loss", "epoch_seconds"}} <= set(run.data.metrics), run.data.metrics
losses = [point.value for point in client.get_metric_history(run.info.run_id, "val_loss")]
assert losses[-1] < losses[0], losses
files = {{file.path for file in client.list_artifacts(run.info.run_id)}}
assert {{"config", "checkpoints", "predictions"}} <= files, files

from serotiny.ml_ops.mlflow_utils import load_model_from_checkpoint
model = load_model_from_checkpoint(uri, run.info.run_id)
assert type(model).__name__ == "MyCustomModel", model
"""
    succeed(project, sys.executable, "-c", script)


def test_default_model_trains(project: Path) -> None:
    """Without a choice a variational autoencoder is trained on the manifest that the project ships."""
    succeed(project, SEROTINY, "train", "++trainer.max_epochs=2", "++mlflow.tracking_uri=null")


def test_wheel_of_the_project_holds_its_configs(project: Path, tmp_path: Path) -> None:
    """An installed project has its configs beside its code, and nothing of its tests or data."""
    pytest.importorskip("setuptools", reason="the wheel is built with the setuptools that is installed here")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    succeed(project, *pip, "--no-index", "--wheel-dir", str(tmp_path), ".")

    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = project / "a_tiny_project"
    expected = [path for suffix in ("*.py", "*.yaml") for path in package.rglob(suffix)]
    assert packed == {str(path.relative_to(project)) for path in expected}
