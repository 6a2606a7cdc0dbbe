"""The examples, each in a short form: checked, trained for an epoch, told on a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEROTINY = Path(sys.executable).parent / "serotiny"
SHORT = ("++trainer.max_epochs=1", "++mlflow.run_name=short")


def copied(name: str, folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "outputs", "multirun", "mlartifacts", "mlflow.db*")
    return Path(shutil.copytree(ROOT / "examples" / name, folder / name, ignore=ignored))


def call(
    project: Path, *command: str | Path, status: int = 0, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert status == done.returncode, done.stdout + done.stderr
    return done


def pictures(project: Path) -> set[str]:
    return {file.name for file in project.glob("mlartifacts/*/artifacts/pictures/*.png")}


def test_digit_images_train_an_autoencoder_and_a_classifier(tmp_path: Path) -> None:
    """Both from PNG files that a manifest names; with curves, latent space, reconstructions and confusion matrix."""
    project = copied("digit_images", tmp_path)
    call(project, sys.executable, "-m", "digit_images.images")
    call(project, SEROTINY, "check", "config")
    call(project, SEROTINY, "train", *SHORT)
    assert {"loss_curves.png", "latent_space.png", "reconstructions.png"} <= pictures(project)

    done = call(
        project,
        SEROTINY,
        "train",
        "+experiment=classifier",
        "++trainer.max_epochs=2",
        "++mlflow.run_name=classifier",
    )
    assert "test_accuracy" in done.stdout
    assert "confusion_matrix.png" in pictures(project)


def test_diabetes_is_swept(tmp_path: Path) -> None:
    """Each job of the sweep is a run of its own, and two of them are shown side by side."""
    project = copied("diabetes", tmp_path)
    call(project, SEROTINY, "check", "config")
    names = "++mlflow.run_name='w${width}'"
    call(project, SEROTINY, "train", "-m", "width=4,8", "++trainer.max_epochs=2", names)
    call(project, SEROTINY, "report", "w4", "w8", "-o", "both.html")
    page = (project / "both.html").read_text("utf-8")
    assert "model.network._args_[0].out_features" in page
    assert 'aria-label="val_error"' in page


def test_spirals_have_parts_of_their_own(tmp_path: Path) -> None:
    """Model, loader and callback train and predict; the check counts once the package is installed."""
    project = copied("spirals", tmp_path)
    call(project, sys.executable, "-m", "spirals.manifest")
    call(project, SEROTINY, "check", "config")
    done = call(project, SEROTINY, "train", *SHORT)
    assert "weight_norm" in done.stdout
    assert [] != list(project.glob("mlartifacts/*/artifacts/predictions/predictions.parquet"))

    site = tmp_path / "site"
    shutil.copytree(project / "spirals", site / "spirals")
    installed = site / "spirals-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: spirals\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[serotiny.checks]\nspirals = spirals.checks:check_turns\n")
    refused = call(project, SEROTINY, "check", "config", "train", "model.turns=9", status=1, path=site)
    assert "more than 8 learn the noise" in refused.stdout + refused.stderr


@pytest.mark.parametrize("name", sorted(file.parent.name for file in ROOT.glob("examples/*/pyproject.toml")))
def test_each_example_says_how_to_call_it(name: str) -> None:
    """Its README has the commands."""
    assert "serotiny train" in (ROOT / "examples" / name / "README.md").read_text("utf-8")
