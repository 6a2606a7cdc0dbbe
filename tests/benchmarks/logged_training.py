"""A training that logs many metrics a step, in a process of its own, and how long its `fit` took.

    python -m tests.benchmarks.logged_training URI|null FOLDER [KEY=VALUE]...

Prints one JSON document. With `null` the same metrics are computed and handed to Lightning, which has no
logger to give them to.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from serotiny.compiler.plan import Plan, identity_of
from serotiny.ml_ops.run import run

STEPS = 2_000
METRICS = 200
EXPERIMENT = "many metrics"
STARTED = "fit-started"

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
    """A perceptron whose steps take about as long as `repeats` makes them."""

    def __init__(self, metrics: int, repeats: int) -> None:
        super().__init__()
        self._names = [f"metric_{number:03d}" for number in range(metrics)]
        self._repeats = repeats
        self.network = nn.Sequential(nn.Linear(_WIDTH, 512), nn.ReLU(), nn.Linear(512, _WIDTH))

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        output = batch
        for _ in range(self._repeats):
            output = self.network(output)
        loss: Tensor = (output - batch).square().mean()
        values = output.detach().flatten()[: len(self._names)]
        self.log_dict(dict(zip(self._names, values.unbind(), strict=True)))
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.001)


class Stopwatch(pl.Callback):
    """Times `fit`, and takes the loggers away when nothing is to be logged."""

    def __init__(self, folder: str, logs: bool) -> None:
        self._file = Path(folder) / "fit.json"
        self._logs = logs
        self._start = 0.0
        self._start_processor = 0.0
        self._start_thread = 0.0

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        if not self._logs:
            trainer.loggers = []

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        (self._file.parent / STARTED).touch()
        self._start_processor, self._start_thread = time.process_time(), time.thread_time()
        self._start = time.perf_counter()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        wall_s = time.perf_counter() - self._start
        processor_s = time.process_time() - self._start_processor
        sending_s = processor_s - (time.thread_time() - self._start_thread)
        times = {"wall_s": wall_s, "processor_s": processor_s, "sending_s": sending_s}
        self._file.write_text(json.dumps(times))


def plan(uri: str | None, folder: Path, steps: int, metrics: int, repeats: int, drain_s: float) -> Plan:
    """A plan that `serotiny train` could have compiled."""
    config: dict[str, Any] = {
        "data": {"_target_": f"{_HERE}.Rows", "steps": steps},
        "model": {"_target_": f"{_HERE}.ManyMetrics", "metrics": metrics, "repeats": repeats},
        "trainer": {
            "_target_": "pytorch_lightning.Trainer",
            "max_epochs": 1,
            "accelerator": "cpu",
            "log_every_n_steps": 1,
            "callbacks": [{"_target_": f"{_HERE}.Stopwatch", "folder": str(folder), "logs": uri is not None}],
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
    return Plan("train", config, config, identity, folder.name, (), str(folder), None, ("tests",), {})


def main(arguments: list[str]) -> int:
    uri, folder, *settings = arguments
    numbers: dict[str, float] = {"steps": STEPS, "metrics": METRICS, "repeats": 1, "drain_s": 600}
    numbers.update({key: float(value) for key, _, value in (setting.partition("=") for setting in settings)})
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    run_dir = Path(folder)
    whole = {key: int(numbers[key]) for key in ("steps", "metrics", "repeats")}
    job = plan(None if uri == "null" else uri, run_dir, **whole, drain_s=numbers["drain_s"])
    start = time.perf_counter()
    result = run(job, run_dir)
    print(
        json.dumps(
            {
                **json.loads((run_dir / "fit.json").read_text()),
                "all_s": time.perf_counter() - start,
                "run_id": result.run_id,
                "left": list(result.notes),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
