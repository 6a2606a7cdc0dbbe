"""Sweeps that really run: on Hydra's own launcher, joblib, submitit's local executor and Ray."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from serotiny.cli.commands.new import create_project
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import layout
from serotiny.tracking.maintenance import RunSummary, list_runs
from serotiny.tracking.mlflow.store import open_store
from tests.fakes.warm_processes import WarmCall

TOO_WIDE = 10**15
"""A width for which there is no memory: the job fails, and a check cannot know that."""
LAUNCHERS = ("basic", "joblib", "submitit_local", "ray")
_OPTIONS = {
    # one worker for both jobs, since each imports torch and MLflow
    "ray": ("+hydra.launcher.ray.init.num_cpus=1", "+hydra.launcher.ray.init.include_dashboard=false")
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new project; what Ray keeps in the temporary folder goes with it."""
    root = create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))
    yield root
    shutil.rmtree(root, ignore_errors=True)


def _start(project: Path, *arguments: str) -> WarmCall:
    return WarmCall(project, ["train", *arguments], OMP_NUM_THREADS="1", RAY_USAGE_STATS_ENABLED="0")


def _train(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _start(project, *arguments).wait()


def _sweep(
    project: Path, launcher: str, max_epochs: int = 1, asked_by: str = "-m"
) -> subprocess.CompletedProcess[str]:
    return _train(
        project,
        asked_by,
        f"hydra/launcher={launcher}",
        *_OPTIONS.get(launcher, ()),
        "model.latent_dim=2,3",
        f"++mlflow.run_name={launcher}-${{model.latent_dim}}",
        f"++mlflow.experiment_name={launcher}",
        f"++trainer.max_epochs={max_epochs}",
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
    _is_told_in_the_end(process.stdout, launcher)
    _is_nested(project, launcher)


def _is_told_in_the_end(printed: str, launcher: str) -> None:
    """A table with each job's run, status, metric, duration and swept value, and files with the pictures."""
    rows = [line.split() for line in printed.splitlines()]
    (header,) = [index for index, row in enumerate(rows) if row[:1] == ["run"] and "status" in row]
    folder = Path(printed.rpartition("pictures and table in ")[2].splitlines()[0])

    assert ["run", "status", "val_loss", "duration", "model.latent_dim"] == rows[header]
    told = [(row[0], row[1], row[-1]) for row in rows[header + 1 : header + 3]]
    assert [(f"{launcher}-2", "finished", "2"), (f"{launcher}-3", "finished", "3")] == told
    assert all(float(row[2]) > 0 for row in rows[header + 1 : header + 3])
    assert b"\x89PNG" == (folder / "sweep.png").read_bytes()[:4]
    assert "<svg" in (folder / "sweep.html").read_text("utf-8")


def _is_nested(project: Path, launcher: str) -> None:
    """The jobs' runs are children of one run, which has the table and the pictures and ended as they did."""
    settings = MlflowConfig(tracking_uri="sqlite:///mlflow.db", experiment_name=launcher)
    store = open_store(settings, project)
    runs = store.registry.all_runs()
    (parent,) = [run for run in runs if layout.is_sweep(run.tags)]

    assert [parent.run_id] * 2 == [run.tags[layout.TAG_PARENT] for run in runs if run is not parent]
    assert "FINISHED" == parent.status
    stored = store.artifacts(parent.run_id).paths("sweep")
    assert {f"sweep/sweep.{kind}" for kind in ("csv", "html", "png", "txt")} == stored


def test_a_sweep_started_again_trains_only_what_is_left(project: Path) -> None:
    """The same sweep again makes no run and trains none; with more epochs it goes on in the same runs.

    Hydra's own mode, quoted or not, asks for a sweep as `-m` does.
    """
    before = {run.run_id for run in _runs(project, "basic")}

    again = _sweep(project, "basic", asked_by='hydra.mode="MULTIRUN"')
    longer = _sweep(project, "basic", max_epochs=2)

    assert (0, 0) == (again.returncode, longer.returncode), again.stderr + longer.stderr
    assert 2 == again.stdout.count("nothing is left to train")
    assert (2, 0) == (again.stdout.count("train skipped"), again.stdout.count("train finished"))
    assert 2 == longer.stdout.count("resumed from")
    assert "2 jobs: 2 finished (skipped)" in again.stderr.splitlines()
    assert "2 jobs: 2 finished (go on)" in longer.stderr.splitlines()
    assert 2 == sum(" skipped " in line for line in again.stdout.splitlines())
    assert before == {run.run_id for run in _runs(project, "basic")}


def test_a_limit_of_time_ends_each_job_of_a_sweep_which_goes_on_with_more(project: Path) -> None:
    """Each job says that `max_time` has ended it; the same sweep with more time goes on in the same runs to their end."""
    options = (
        *("-m", "model.latent_dim=2,3", "++mlflow.run_name=timed-${model.latent_dim}", "test=false"),
        *("++mlflow.experiment_name=timed", "++trainer.max_epochs=2"),
    )
    cut = _train(project, *options, "++trainer.max_time={milliseconds: 1}")
    before = {run.run_id: run.state for run in _runs(project, "timed")}
    whole = _train(project, *options, "++trainer.max_time=00:01:00:00")

    assert (0, 0) == (cut.returncode, whole.returncode), cut.stdout + cut.stderr + whole.stdout + whole.stderr
    assert 2 == cut.stdout.count("`trainer.max_time` ended it after 0 epochs")
    assert 2 == whole.stdout.count("resumed from")
    assert "`trainer.max_time` ended it" not in whole.stdout
    assert before == {run.run_id: run.state for run in _runs(project, "timed")}
    assert {1.0} == {_last_value(project, run_id, "epoch") for run_id in before}


def test_a_study_goes_on_after_a_failed_job_and_finds_the_best(project: Path) -> None:
    """Optuna gets the monitored metric of each job; one that fails is told and left out, and does not end the study."""
    process = _train(
        project,
        *("-m", "hydra/sweeper=optuna", "hydra/sweeper/sampler=random", "hydra.sweep.dir=study"),
        *("hydra.sweeper.sampler.seed=2", "hydra.sweeper.n_trials=3"),  # draws each of the three once
        *(f"model.latent_dim=choice({TOO_WIDE},1,2)", "++mlflow.experiment_name=study"),
        *("++mlflow.run_name=dim_${model.latent_dim}", "++trainer.max_epochs=1"),
    )

    assert 0 == process.returncode, process.stdout + process.stderr
    assert "could not be made" in process.stdout + process.stderr
    runs = {run.name: run for run in _runs(project, "study")}
    assert {f"dim_{TOO_WIDE}": "failed", "dim_1": "finished", "dim_2": "finished"} == {
        name: run.state for name, run in runs.items()
    }
    found = yaml.safe_load((project / "study" / "optimization_results.yaml").read_text())
    losses = {
        name: _last_value(project, run.run_id, "val_loss")
        for name, run in runs.items()
        if run.state == "finished"
    }
    best = min(losses, key=lambda name: losses[name])
    assert {"model.latent_dim": int(best.removeprefix("dim_"))} == found["best_params"]
    assert losses[best] == pytest.approx(found["best_value"])


def test_a_study_in_which_every_job_fails_is_a_failed_job(project: Path) -> None:
    """Without one result the sweeper has nothing to tell: that is said in a line, and the exit status is 3.

    Nothing that Hydra and the sweeper print of its jobs shows a secret among their overrides.
    """
    process = _train(
        project,
        *("-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=1", "++mlflow.tracking_uri=null"),
        *(f"model.latent_dim=choice({TOO_WIDE},{2 * TOO_WIDE})", "++sweep.metric=train_loss"),
        *("++mlflow.tags.api_key=hunter2secret", "++mlflow.tags.url=http://me:hunter2secret@h"),
    )

    assert 3 == process.returncode, process.stdout + process.stderr
    assert "the sweeper broke off" in process.stderr
    assert "Error executing job" in process.stderr
    assert "hunter2secret" not in process.stdout + process.stderr
    assert "Traceback" not in process.stdout + process.stderr


def test_a_launcher_that_breaks_off_is_told_in_a_line(project: Path, tmp_path: Path) -> None:
    """A worker that is killed ends joblib's sweep: exit status 3 and what to do, neither traceback nor internal error.

    The table has a row for each job that had begun.
    """
    root = shutil.copytree(project, tmp_path / "dying")
    package = next(root.glob("*/config")).parent
    (package / "dying.py").write_text(
        "import os\n\nimport pytorch_lightning as pl\n\n\n"
        "class Dying(pl.Callback):\n"
        "    def on_train_start(self, trainer, module):\n"
        "        os._exit(9)\n"
    )

    process = _train(
        root,
        *("-m", "hydra/launcher=joblib", "seed=1,2", "++mlflow.tracking_uri=null"),
        f"++trainer.callbacks.dying._target_={package.name}.dying.Dying",
    )

    told = process.stdout + process.stderr
    assert 3 == process.returncode, told
    rows = [re.split(r"\s{2,}", line)[:2] for line in process.stdout.splitlines()]
    # the other job may not have begun
    assert {"no result"} == {row[1] for row in rows if row[0].startswith("job ")}
    (line,) = [line for line in process.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: the launcher broke off: TerminatedWorkerError: ")
    assert line.endswith("; the same command goes on with what is left")
    assert "internal error" not in told


def _last_value(project: Path, run_id: str, metric: str) -> float:
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    return float(client.get_run(run_id).data.metrics[metric])


def test_jobs_of_one_subfolder_get_folders_of_their_own(project: Path) -> None:
    """A constant `hydra.sweep.subdir` gets the job's number, so that no job's `.hydra` is written over by another's."""
    process = _train(
        project,
        *("-m", "model.latent_dim=2,3", "hydra.sweep.dir=parted", "hydra.sweep.subdir=job"),
        *("++mlflow.tracking_uri=null", "++trainer.max_epochs=1"),
    )

    assert 0 == process.returncode, process.stdout + process.stderr
    overrides = [
        (project / "parted" / f"job-{number}" / ".hydra" / "overrides.yaml").read_text() for number in (0, 1)
    ]
    assert [True, True] == [
        f"model.latent_dim={n}" in text for n, text in zip((2, 3), overrides, strict=True)
    ]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("launcher", "options", "at_terminal"),
    [
        ("joblib", ["model.latent_dim=2,3,4", "hydra.launcher.n_jobs=2"], False),
        ("submitit_local", ["model.latent_dim=2,3"], False),
        ("submitit_local", ["model.latent_dim=2,3"], True),
        pytest.param(
            *("ray", ["model.latent_dim=2,3"], True),
            marks=pytest.mark.skipif(
                "SEROTINY_TEST_RAY" not in os.environ, reason="takes minutes; wanted by SEROTINY_TEST_RAY=1"
            ),
        ),
    ],
    ids=["joblib", "submitit_local", "submitit_local-ctrl-c", "ray-ctrl-c"],
)
def test_signal_to_a_sweep_reaches_the_processes_of_its_jobs(
    project: Path, launcher: str, options: list[str], at_terminal: bool
) -> None:
    """SIGTERM to its process, or Ctrl-C: the jobs that run are KILLED, with a checkpoint; the next never starts."""
    name = f"stopped-{launcher}-{at_terminal}"
    sweep = _start(
        project,
        *("-m", *options, f"hydra/launcher={launcher}", "++trainer.max_epochs=100000"),
        *(f"hydra.sweep.dir={name}", f"++mlflow.experiment_name={name}"),
        f"++mlflow.run_name={name}-${{model.latent_dim}}",
    )
    while not sweep.has_ended and len(list((project / name).rglob("last.ckpt"))) < 2:
        time.sleep(0.1)
    if at_terminal:
        os.killpg(sweep.pid, signal.SIGINT)  # to each process of the group
    else:
        os.kill(sweep.pid, signal.SIGTERM)
    process = sweep.wait()

    assert 3 == process.returncode, process.stdout + process.stderr
    assert [(f"{name}-2", "killed"), (f"{name}-3", "killed")] == sorted(
        (run.name, run.state) for run in _runs(project, name)
    )


def test_quiet_sweep_says_nothing(project: Path) -> None:
    """Neither serotiny nor Hydra tells of jobs that end well."""
    process = _train(project, "--quiet", "-m", "seed=1,2", "++trainer.fast_dev_run=true", "test=false")

    assert (0, "", "") == (process.returncode, process.stdout, process.stderr)
