"""Toy jobs in processes of their own, recorded in MLflow."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from serotiny.compiler.plan.plan import Plan, identity_of
from tests.fakes.toy_jobs.bits import state_of
from tests.fakes.warm_processes import TOY_JOBS, ended, warm
from tests.system.tracking.servers import MlflowServer

# on the path of this process and, through it, of the jobs'
sys.path.insert(0, TOY_JOBS)

import run_toy  # type: ignore[import-not-found]  # found by the path above


@dataclass
class ToyRun:
    """One run name in one store; each start gets a run folder of its own, as Hydra gives it."""

    folder: Path
    tracking_uri: str
    num_workers: int = 0
    max_epochs: int = 3
    delay_s: float = 0.0
    name: str = "toy"
    starts: int = 0
    operation: str = "train"
    extra: dict[str, Any] = field(default_factory=dict)
    trainer: dict[str, Any] = field(default_factory=dict)

    def plan(self) -> Plan:
        config = {
            "data": {"_target_": "toy_job.ToyData", "num_workers": self.num_workers},
            "model": {"_target_": "toy_job.ToyModel", "delay_s": self.delay_s},
            "trainer": {
                "_target_": "pytorch_lightning.Trainer",
                "max_epochs": self.max_epochs,
                "accelerator": "cpu",
                "log_every_n_steps": 1,
                "callbacks": {
                    "best": {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": "val_loss"}
                },
                **self.trainer,
            },
            "mlflow": {"tracking_uri": self.tracking_uri, "experiment_name": "toys", "run_name": self.name},
            "seed": 7,
            **self.extra,
        }
        trusted = ("toy_job",)
        root = str(self.folder)
        return Plan(
            operation=self.operation,
            config=config,
            logged_config=config,
            identity=identity_of(config),
            run_name=self.name,
            overrides=(),
            project_root=root,
            package=None,
            trusted=trusted,
            versions={},
        )

    @property
    def run_dir(self) -> Path:
        """The folder of the latest start."""
        return self.folder / f"{self.name}-{self.starts}"

    def start(self, **kill: Any) -> BaseProcess:
        """Start; `kill` are fields of `run_toy.Kill`."""
        self.starts += 1
        self.run_dir.mkdir(parents=True)
        arguments = (self.plan().to_json(), str(self.run_dir), run_toy.Kill(**kill))
        process = warm().Process(target=run_toy.run_toy, args=arguments)
        process.start()
        return process

    def output(self) -> str:
        return (self.run_dir / "output").read_text()

    def finish(self) -> None:
        """Start, and wait for exit status 0."""
        assert 0 == ended(self.start()), self.output()

    def start_and_kill_after(self, seconds: float) -> None:
        """SIGKILL so long after the training began."""
        process = self.start()
        self.wait_for_training(process)
        time.sleep(seconds)
        process.kill()
        ended(process)

    def wait_for_training(self, process: BaseProcess) -> None:
        """Until the first metric is in the journal, or the process has ended."""
        journal = self.run_dir / "tracking" / "journal.jsonl"
        while process.is_alive():
            if journal.exists() and '"metrics"' in journal.read_text():
                return
            time.sleep(0.01)

    def runs(self) -> list[Run]:
        client = MlflowClient(self.tracking_uri)
        experiment = client.get_experiment_by_name("toys")
        assert experiment is not None
        found = client.search_runs([experiment.experiment_id])
        return [run for run in found if run.info.run_name == self.name]

    def history(self) -> dict[str, list[tuple[int, float]]]:
        """Every point of every metric, as the store has it, by step; a point that is there twice shows twice."""
        (run,) = self.runs()
        client = MlflowClient(self.tracking_uri)
        return {
            key: sorted(
                (point.step, point.value) for point in client.get_metric_history(run.info.run_id, key)
            )
            for key in run.data.metrics
        }

    def state(self) -> dict[str, Any]:
        """What training leaves."""
        # a start that found nothing left to do has no checkpoint
        folders = [self.folder / f"{self.name}-{start}" for start in range(self.starts, 0, -1)]
        files = [folder / "checkpoints" / "last.ckpt" for folder in folders]
        return state_of(next(file for file in files if file.is_file()))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One sqlite store for all; making its tables takes longer than a toy job."""
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """A server that may be killed and started again."""
    folder = tmp_path_factory.mktemp("server")
    running = MlflowServer(folder, f"sqlite:///{folder}/mlflow.db")
    running.start()
    yield running
    running.kill()


def started_as(command: list[str], folder: Path, output: Path) -> BaseProcess:
    """A process that is this command in this folder; what it prints goes to a file."""
    process = warm().Process(target=run_toy.become, args=(command, str(folder), str(output)))
    process.start()
    return process


def make_toy_project(folder: Path) -> None:
    """A project of the toy job, without MLflow, for the command line."""
    config = folder / "toys" / "config"
    trainer = "_target_: pytorch_lightning.Trainer\nmax_epochs: 1\naccelerator: cpu\n"
    files = {
        folder / "pyproject.toml": '[tool.serotiny]\npackage = "toys"\n',
        folder / "toys" / "__init__.py": "",
        folder / "toys" / "toy_job.py": (Path(TOY_JOBS) / "toy_job.py").read_text(),
        config / "train.yaml": "defaults: [data: toy, model: toy, trainer: toy, mlflow: none]\nseed: 7\n",
        config / "data" / "toy.yaml": "_target_: toys.toy_job.ToyData\n",
        config / "model" / "toy.yaml": "_target_: toys.toy_job.SavingModel\n",
        config / "trainer" / "toy.yaml": trainer,
        config / "mlflow" / "none.yaml": "tracking_uri: null\n",
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def moments() -> random.Random:
    """For the moments of kills; the seed is in the output of a test that fails."""
    seed = random.SystemRandom().randrange(1 << 30)
    print(f"moments: seed {seed}")
    return random.Random(seed)
