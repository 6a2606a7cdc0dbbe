"""Sweeps that really run: on Hydra's own launcher, joblib, submitit's local executor and Ray."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.maintenance import RunSummary, list_runs

LAUNCHERS = ("basic", "joblib", "submitit_local", "ray")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new project; what Ray keeps in the temporary folder goes with it."""
    root = create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))
    yield root
    shutil.rmtree(root, ignore_errors=True)


def _sweep(
    project: Path, launcher: str, max_epochs: int = 1, asked_by: str = "-m"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "serotiny.cli.main", "train", asked_by),
            f"hydra/launcher={launcher}",
            "model.latent_dim=2,3",
            f"++mlflow.run_name={launcher}-${{model.latent_dim}}",
            f"++mlflow.experiment_name={launcher}",
            f"++trainer.max_epochs={max_epochs}",
        ],
        cwd=project,
        env=os.environ | {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def _runs(project: Path, launcher: str) -> list[RunSummary]:
    settings = MlflowConfig(tracking_uri="sqlite:///mlflow.db", experiment_name=launcher)
    return list_runs(settings, project)


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_each_job_of_a_sweep_is_one_finished_run(project: Path, launcher: str) -> None:
    """Two jobs are two runs of their own names, both finished, whatever launches them."""
    process = _sweep(project, launcher)

    assert 0 == process.returncode, process.stdout + process.stderr
    found = sorted((run.name, run.state) for run in _runs(project, launcher))
    assert [(f"{launcher}-2", "finished"), (f"{launcher}-3", "finished")] == found


def test_a_sweep_started_again_trains_only_what_is_left(project: Path) -> None:
    """The same sweep again makes no run and trains none; with more epochs it goes on in the same runs.

    Hydra's own mode, quoted or not, asks for a sweep as `-m` does.
    """
    before = {run.run_id for run in _runs(project, "basic")}

    again = _sweep(project, "basic", asked_by='hydra.mode="MULTIRUN"')
    longer = _sweep(project, "basic", max_epochs=2)

    assert (0, 0) == (again.returncode, longer.returncode), again.stderr + longer.stderr
    assert 2 == again.stdout.count("nothing is left to train")
    assert 2 == longer.stdout.count("resumed from")
    assert before == {run.run_id for run in _runs(project, "basic")}
