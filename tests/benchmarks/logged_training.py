"""A training that logs many metrics a step, in a process of its own, and how long its steps took.

    python -m tests.benchmarks.logged_training URI FOLDER [KEY=VALUE]...

Writes the time of every step to the folder, and prints one JSON document. Keeps all its threads on one
`processor`, and leaves the others to the server.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import Logger
from torch import Tensor, nn
from torch.utils.data import DataLoader

from serotiny.collector import collect_rarely
from serotiny.compiler.plan.plan import Plan, identity_of
from serotiny.ml_ops.run import run

STEPS = 2_000
METRICS = 200
EXPERIMENT = "many metrics"
STARTED = "fit-started"
TIMES = "times.json"

_ROWS = 256
_WIDTH = 256
_HERE = "tests.benchmarks.logged_training"


class Rows(pl.LightningDataModule):
    """As many batches as there are to be steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps = steps

    def train_dataloader(self) -> DataLoader[Tensor]:
        rows = torch.linspace(-1, 1, _ROWS * _WIDTH).reshape(_ROWS, _WIDTH)
        return DataLoader([rows] * self._steps, batch_size=None)  # type: ignore[arg-type]


class ManyMetrics(pl.LightningModule):
    """A perceptron that logs its first outputs."""

    def __init__(self, metrics: int) -> None:
        super().__init__()
        self._names = [f"metric_{number:03d}" for number in range(metrics)]
        self.network = nn.Sequential(nn.Linear(_WIDTH, 512), nn.ReLU(), nn.Linear(512, _WIDTH))

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        output = self.network(batch)
        loss: Tensor = (output - batch).square().mean()
        values = output.detach().flatten()[: len(self._names)]
        self.log_dict(dict(zip(self._names, values.unbind(), strict=True)))
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.001)


class Stopwatch(pl.Callback):
    """Times every step, and takes the logger away in every other block of `block` steps.

    What logging costs is the difference of neighbouring blocks: a machine's speed changes from minute to
    minute by more than that. With `block` 0 every step is logged.
    """

    def __init__(self, folder: str, block: int) -> None:
        self._folder = Path(folder)
        self._block = block
        self._loggers: list[Logger] = []
        self._starts: list[float] = []
        self._processor: list[float] = []

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        (self._folder / STARTED).touch()
        self._loggers = trainer.loggers

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Tensor, batch_idx: int
    ) -> None:
        if self._block:
            trainer.loggers = self._loggers if batch_idx // self._block % 2 else []
        self._note_time()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        trainer.loggers = self._loggers
        self._note_time()
        times = {"starts": self._starts, "processor": self._processor}
        (self._folder / TIMES).write_text(json.dumps(times))

    def _note_time(self) -> None:
        self._starts.append(time.monotonic())
        self._processor.append(time.process_time())


def plan(uri: str, folder: Path, steps: int, block: int, drain_s: float) -> Plan:
    """A plan that `serotiny train` could have compiled."""
    config: dict[str, Any] = {
        "data": {"_target_": f"{_HERE}.Rows", "steps": steps},
        "model": {"_target_": f"{_HERE}.ManyMetrics", "metrics": METRICS},
        "trainer": {
            "_target_": "pytorch_lightning.Trainer",
            "max_epochs": 1,
            "accelerator": "cpu",
            "log_every_n_steps": 1,
            "callbacks": [{"_target_": f"{_HERE}.Stopwatch", "folder": str(folder), "block": block}],
        },
        "mlflow": {
            "tracking_uri": uri,
            "experiment_name": EXPERIMENT,
            "run_name": folder.name,
            "drain_s": drain_s,
        },
        "seed": 7,
    }
    identity = identity_of(config)
    return Plan(
        operation="train",
        config=config,
        logged_config=config,
        identity=identity,
        run_name=folder.name,
        overrides=(),
        project_root=str(folder),
        package=None,
        trusted=("tests",),
        versions={},
    )


def main(arguments: list[str]) -> int:
    uri, folder, *settings = arguments
    numbers = {"steps": STEPS, "block": 0, "drain_s": 600, "processor": 0}
    numbers.update({key: int(value) for key, _, value in (setting.partition("=") for setting in settings)})
    collect_rarely()  # as `serotiny train` does
    logging.disable(logging.WARNING)
    os.sched_setaffinity(0, {numbers.pop("processor")})
    torch.set_num_threads(1)
    run_dir = Path(folder)
    job = plan(uri, run_dir, **numbers)
    print(json.dumps({"run_id": run(job, run_dir).run_id}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
