"""One whole training of a TabularVAE on a large table, against a script that somebody wrote by hand."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.by_hand import RECORDING_TRAINER
from tests.benchmarks.digits import SEROTINY
from tests.benchmarks.processes import Command, run
from tests.benchmarks.row import Row
from tests.benchmarks.table_file import COLUMNS, table_file

_EPOCHS = 5
_ROUNDS = 3
_TIMES = "times.json"

_CALLBACK = f"""
import json
import time
from pathlib import Path

import pytorch_lightning as pl


class Times(pl.Callback):
    def __init__(self):
        self.first, self.processor, self.steps, self.epochs_s, self.start = None, 0.0, 0, [], 0.0

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        if self.first is None:
            self.first, self.processor = time.time(), time.process_time()

    def on_train_epoch_start(self, trainer, pl_module):
        self.start, self.steps = time.perf_counter(), 0

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.steps += 1
        self.now = time.perf_counter()

    def on_train_epoch_end(self, trainer, pl_module):
        self.epochs_s.append((self.now - self.start) / self.steps)

    def on_train_end(self, trainer, pl_module):
        Path({_TIMES!r}).write_text(json.dumps({{
            "first": self.first, "processor_s": self.processor, "steps_s": self.epochs_s
        }}))
"""

_CONFIG = f"""
data:
  _target_: serotiny.datamodules.ManifestDatamodule
  path: table.parquet
  split: {{train: 0.95, valid: 0.05}}
  split_id: id
  batch_size: 256
  loaders: {{x: {{_target_: serotiny.io.dataframe.loaders.LoadColumns, startswith: x_}}}}
model:
  _target_: serotiny.models.TabularVAE
  x_label: x
  x_dim: {COLUMNS}
  latent_dim: 16
  hidden_layers: [128, 64]
trainer:
  _target_: pytorch_lightning.Trainer
  max_epochs: {_EPOCHS}
  accelerator: cpu
  devices: 1
  enable_progress_bar: false
  enable_model_summary: false
  callbacks:
    - {{_target_: wide.times.Times}}
    - {{_target_: pytorch_lightning.callbacks.ModelCheckpoint, monitor: val_loss, save_last: true}}
mlflow:
  tracking_uri: sqlite:///mlflow.db
  experiment_name: wide
seed: 42
test: false
"""

_SCRIPT = f"""{RECORDING_TRAINER}
import numpy as np
import pyarrow.parquet as pq
import torch
from torch.utils.data import DataLoader, TensorDataset

from serotiny.models import TabularVAE
from wide.times import Times


class Model(TabularVAE):
    def training_step(self, batch, batch_idx):
        return super().training_step({{"x": batch[0]}}, batch_idx)

    def validation_step(self, batch, batch_idx):
        return super().validation_step({{"x": batch[0]}}, batch_idx)


pl.seed_everything(42)
table = pq.read_table("table.parquet")
columns = [table[name].to_numpy() for name in table.column_names if name.startswith("x_")]
values = torch.from_numpy(np.stack(columns, axis=1))
count = int(0.95 * len(values))
train = DataLoader(TensorDataset(values[:count]), batch_size=256, shuffle=True)
valid = DataLoader(TensorDataset(values[count:]), batch_size=256)
model = Model(x_label="x", x_dim={COLUMNS}, latent_dim=16, hidden_layers=[128, 64])
recording_trainer("wide", 16, {_EPOCHS}, Times()).fit(model, train, valid)
"""


@dataclass(frozen=True)
class _Training:
    """Seconds of one process: all of it, until the first step of the optimiser, and a step of the training."""

    whole: float
    first: float
    first_processor: float
    step: float


def rows() -> Iterator[Row]:
    """Both record in the same store, which is there; each has one thread."""
    with table_file("parquet") as table, TemporaryDirectory(prefix="serotiny-bench-") as folder:
        project = Path(folder)
        _write(project, table)
        environment = {"OMP_NUM_THREADS": "1", "SEROTINY_CACHE_DIR": str(project / "cache")}
        by_hand = Command((sys.executable, "by_hand.py"), project, environment)
        ours = Command((SEROTINY, "train"), project, environment)
        for command in (by_hand, ours):
            _trained(command)
        pairs = [(_trained(ours), _trained(by_hand)) for _ in range(_ROUNDS)]
    name = f"TabularVAE, {_EPOCHS} epochs: serotiny train / by hand"
    steps = median(one.step / other.step for one, other in pairs)
    shown = " / ".join(f"{1000 * median(pair[side].step for pair in pairs):.2f} ms" for side in (0, 1))
    yield Row(f"{name}, a training step", shown, steps, 1.02)
    whole = median(one.whole / other.whole for one, other in pairs)
    shown = " / ".join(f"{median(pair[side].whole for pair in pairs):.2f} s" for side in (0, 1))
    yield Row(f"{name}, start to finish", shown, whole, 1.10)
    first = median(one.first - other.first for one, other in pairs)
    shown = " - ".join(f"{median(pair[side].first for pair in pairs):.2f} s" for side in (0, 1))
    beside = f"{median(one.first_processor - other.first_processor for one, other in pairs):.2f} s by processor time"
    name = "until the first optimiser step: serotiny train - by hand"
    yield Row(name, shown, first, 0.5, " s", beside=beside)


def _write(project: Path, table: Path) -> None:
    (project / "table.parquet").symlink_to(table)
    (project / "pyproject.toml").write_text('[tool.serotiny]\npackage = "wide"\n')
    (project / "wide" / "config").mkdir(parents=True)
    (project / "wide" / "__init__.py").touch()
    (project / "wide" / "times.py").write_text(_CALLBACK)
    (project / "wide" / "config" / "train.yaml").write_text(_CONFIG)
    (project / "by_hand.py").write_text(_SCRIPT)


def _trained(command: Command) -> _Training:
    start = time.time()
    usage = run(command)
    told = json.loads((command.folder / _TIMES).read_text())
    return _Training(
        whole=usage.wall_s,
        first=told["first"] - start,
        first_processor=told["processor_s"],
        step=median(told["steps_s"]),
    )
