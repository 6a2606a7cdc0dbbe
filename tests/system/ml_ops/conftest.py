"""Toy jobs in processes of their own, recorded in MLflow."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from serotiny.compiler.plan import Plan, identity_of
from serotiny.ml_ops.checkpoint_file import read_checkpoint

TOY_JOBS = Path(__file__).parents[2] / "fakes" / "toy_jobs"


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
            },
            "mlflow": {"tracking_uri": self.tracking_uri, "experiment_name": "toys", "run_name": self.name},
            "seed": 7,
            **self.extra,
        }
        trusted = ("toy_job",)
        root = str(self.folder)
        return Plan(self.operation, config, config, identity_of(config), self.name, (), root, None, trusted, {})

    @property
    def run_dir(self) -> Path:
        """The folder of the latest start."""
        return self.folder / f"{self.name}-{self.starts}"

    def start(self, **environment: str) -> subprocess.Popen[str]:
        self.starts += 1
        self.run_dir.mkdir(parents=True)
        plan_file = self.run_dir / "plan.json"
        plan_file.write_text(self.plan().to_json())
        return subprocess.Popen(
            [sys.executable, str(TOY_JOBS / "run_toy.py"), str(plan_file), str(self.run_dir)],
            env={**os.environ, "PYTHONPATH": str(TOY_JOBS), "OMP_NUM_THREADS": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, **environment: str) -> None:
        """Start and wait for exit status 0."""
        process = self.start(**environment)
        _, errors = process.communicate(timeout=240)
        assert 0 == process.returncode, errors

    def wait_for_training(self, process: subprocess.Popen[str]) -> None:
        """Until the first metric is in the journal."""
        journal = self.run_dir / "tracking" / "journal.jsonl"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if journal.exists() and '"metrics"' in journal.read_text():
                return
            time.sleep(0.01)

    def start_and_kill_after(self, seconds: float) -> int:
        """SIGKILL so long after the training began; the exit status."""
        process = self.start()
        self.wait_for_training(process)
        time.sleep(seconds)
        process.kill()
        process.communicate(timeout=60)
        return process.returncode

    def runs(self) -> list[Run]:
        client = MlflowClient(self.tracking_uri)
        experiment = client.get_experiment_by_name("toys")
        assert experiment is not None
        found = client.search_runs([experiment.experiment_id])
        return [run for run in found if run.info.run_name == self.name]

    def history(self) -> dict[str, list[tuple[int, float]]]:
        """Every point of every metric, as the store has it, by step."""
        (run,) = self.runs()
        client = MlflowClient(self.tracking_uri)
        return {
            key: sorted((point.step, point.value) for point in client.get_metric_history(run.info.run_id, key))
            for key in run.data.metrics
        }

    def state(self) -> dict[str, Any]:
        """What training leaves: weights, optimiser, scheduler, random states."""
        checkpoint = read_checkpoint(self.run_dir / "checkpoints" / "last.ckpt")
        keys = ("state_dict", "optimizer_states", "lr_schedulers", "global_step", "epoch")
        return {key: checkpoint[key] for key in keys} | {"random": checkpoint["serotiny"]["random"]}


@pytest.fixture
def moments() -> random.Random:
    """For the moments of kills; the seed is in the output of a test that fails."""
    seed = random.SystemRandom().randrange(1 << 30)
    print(f"moments: seed {seed}")
    return random.Random(seed)
