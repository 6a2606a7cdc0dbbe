"""Sweeps in which something goes wrong: a job that fails, a sweep that is killed, two of the same at once."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import layout
from serotiny.tracking.mlflow.store import open_store
from serotiny.tracking.reservation.run_record import RunRecord
from tests.system.tracking.servers import MlflowServer

MODEL = """
import os
import pathlib
import signal

import torch
from pytorch_lightning import LightningDataModule, LightningModule


class Rows(LightningDataModule):
    def train_dataloader(self):
        return torch.utils.data.DataLoader([torch.ones(1)] * 2, batch_size=None)


class Tiny(LightningModule):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.weight = torch.nn.Parameter(torch.ones(1))

    def training_step(self, batch, batch_idx):
        if str(self.number) == os.environ.get("TINY_FAILS"):
            raise RuntimeError("the loss is gone")
        if str(self.number) == os.environ.get("TINY_WAITS") and self.current_epoch == 1:
            pathlib.Path(self.trainer.default_root_dir, "waiting").touch()
            signal.pause()
        loss = (self.weight * self.number).square().sum()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
"""
TRAIN = """
defaults:
  - model: tiny
  - data: rows
  - _self_
seed: 1
trainer:
  max_epochs: 2
  accelerator: cpu
  logger: false
  callbacks:
    keep: {_target_: pytorch_lightning.callbacks.ModelCheckpoint, monitor: loss}
mlflow:
  run_name: tiny-${model.number}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": '[tool.serotiny]\npackage = "lab"\n',
        "lab/__init__.py": "",
        "lab/models.py": MODEL,
        "lab/config/train.yaml": TRAIN,
        "lab/config/data/rows.yaml": "_target_: lab.models.Rows\n",
        "lab/config/model/tiny.yaml": "_target_: lab.models.Tiny\nnumber: 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def _start(project: Path, *overrides: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "serotiny.cli.main", "train", "-m", *overrides],
        cwd=project,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for_job(number: int, project: Path, process: subprocess.Popen[str]) -> None:
    """Until the job of this number in the sweep has come to where it waits."""
    while not list(project.glob(f"multirun/*/*/{number}/waiting")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def _sweep(project: Path, *overrides: str, **environment: str) -> tuple[int, str, str]:
    process = _start(project, *overrides, **environment)
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def _statuses(printed: str) -> list[tuple[str, str]]:
    """Run names and statuses of the table."""
    rows = [re.split(r"\s{2,}", line) for line in printed.splitlines()]
    start = next(index for index, row in enumerate(rows) if row[:2] == ["run", "status"])
    return [(row[0], row[1]) for row in rows[start + 1 :] if len(row) > 3]


def _runs(project: Path, uri: str = "sqlite:///mlflow.db") -> list[RunRecord]:
    settings = MlflowConfig(tracking_uri=uri)
    runs = open_store(settings, project).registry.all_runs()
    return [run for run in runs if not layout.is_sweep(run.tags)]


def test_the_rest_goes_on_where_a_job_fails(project: Path) -> None:
    """The exit status is 3, the table tells each job, and the sweep's run has failed; with a mended job the rest is skipped."""
    status, out, err = _sweep(project, "model.number=1,2,3", TINY_FAILS="2")
    again, _, told = _sweep(project, "model.number=1,2,3")

    assert 3 == status, out + err
    assert "the loss is gone" in err
    assert "the same command goes on with what is left" == err.splitlines()[-1]
    assert "goes on with" not in told
    assert [("tiny-1", "finished"), ("tiny-2", "failed"), ("tiny-3", "finished")] == _statuses(out)
    assert 0 == again, told
    assert "3 jobs: 2 finished (skipped), 1 failed (resumed)" in told.splitlines()
    assert ["FINISHED"] * 3 == [run.status for run in _runs(project)]


def test_a_failed_sweep_of_jobs_without_names_says_to_name_them(project: Path) -> None:
    """The same command would make further runs."""
    status, _, err = _sweep(project, "model.number=1,2", "mlflow.run_name=null", TINY_FAILS="1")

    assert (3, True) == (status, "`++mlflow.run_name` with a name for each job" in err.splitlines()[-1])


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_fail_fast_starts_no_job_after_one_that_failed(project: Path, launcher: str) -> None:
    """Also where each job has a process of its own."""
    status, out, err = _sweep(
        project,
        "--fail-fast",
        "model.number=1,2,3",
        f"hydra/launcher={launcher}",
        *(["hydra.launcher.n_jobs=1"] if launcher == "joblib" else []),
        TINY_FAILS="1",
    )

    assert 3 == status, out + err
    assert [("tiny-1", "failed"), ("tiny-2", "not started"), ("tiny-3", "not started")] == _statuses(out)
    assert "the same command goes on with what is left" == err.splitlines()[-1]
    assert ["tiny-1"] == [run.name for run in _runs(project)]


def test_a_killed_sweep_started_again_does_what_is_left_and_says_so(project: Path) -> None:
    """What had finished stays, what was killed goes on from its checkpoint in the same run, the rest is new."""
    process = _start(project, "model.number=1,2,3", TINY_WAITS="2")
    _wait_for_job(1, project, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = {run.name: run.run_id for run in _runs(project)}

    status, out, err = _sweep(project, "model.number=1,2,3")

    assert 0 == status, out + err
    assert "3 jobs: 1 new, 1 finished (skipped), 1 failed (resumed)" in err.splitlines()
    assert [("tiny-1", "skipped"), ("tiny-2", "finished"), ("tiny-3", "finished")] == _statuses(out)
    after = {run.name: run.run_id for run in _runs(project)}
    assert {"tiny-1", "tiny-2"} == set(before)
    assert before == {name: after[name] for name in before}
    assert ["FINISHED"] * 3 == [run.status for run in _runs(project)]


def test_a_job_that_is_alive_elsewhere_stops_the_sweep_before_it_starts(project: Path) -> None:
    """SER405 names the run; no other job is started, in this sweep or in a check that asks."""
    process = _start(project, "model.number=2", TINY_WAITS="2")
    try:
        _wait_for_job(0, project, process)
        status, _, err = _sweep(project, "model.number=1,2")
    finally:
        process.kill()
        process.communicate()

    assert 1 == status, err
    assert "error[SER405]: run `tiny-2` is alive" in err
    assert ["tiny-2"] == [run.name for run in _runs(project)]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    started = MlflowServer(folder, f"sqlite:///{folder}/mlflow.db", 2)
    started.start()
    yield started.uri
    started.kill()


@pytest.mark.timeout(600)
def test_two_sweeps_of_the_same_jobs_at_once_train_each_job_once(project: Path, server: str) -> None:
    """On one server every name has one run, which was trained once; what the other had is told as refused."""
    shutil.copytree(project, copy := project.parent / f"{project.name}-copy")
    call = ("model.number=range(8)", f"++mlflow.tracking_uri={server}")

    both = [_start(folder, *call) for folder in (project, copy)]
    ended = [process.communicate() for process in both]

    runs = _runs(project, server)
    assert [f"tiny-{number}" for number in range(8)] == sorted(
        (run.name for run in runs), key=lambda name: int(name.removeprefix("tiny-"))
    ), ended
    assert {("FINISHED", 1)} == {(run.status, run.generation) for run in runs}
    assert {process.returncode for process in both} <= {0, 1}, ended
