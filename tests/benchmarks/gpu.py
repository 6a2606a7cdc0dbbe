"""Batches and training on a GPU, and what a rehearsal says of its memory: `python tests/benchmarks/gpu.py`.

Needs nothing but the installed project, and takes less than five minutes. Without a GPU it says so and exits with 0;
`--device cpu` tries the script on the processor. Both sides of each ratio are taken in turns in one process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import MLFlowLogger
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

import serotiny
from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadColumns
from serotiny.models import TabularVAE

COLUMNS = 100
BATCH_ROWS = 1024
LATENT_DIM = 16
HIDDEN_LAYERS = [256, 256]

_ROUNDS = 5
_EPOCHS = 4
_MEMORY_BYTES = 2**30
_TIMES = "times.json"
_MIB = 2**20

_CALLBACK = f"""
import json
import os
import time
from pathlib import Path

import pytorch_lightning as pl
import torch


class StepTimes(pl.Callback):
    def __init__(self):
        self.steps, self.steps_s, self.start = 0, [], 0.0

    def setup(self, trainer, pl_module, stage):
        if "MEMORY_BYTES" in os.environ and torch.cuda.is_available():
            _, total = torch.cuda.mem_get_info()
            torch.cuda.set_per_process_memory_fraction(int(os.environ["MEMORY_BYTES"]) / total)

    def on_train_start(self, trainer, pl_module):
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()

    def on_train_epoch_start(self, trainer, pl_module):
        self.start, self.steps = now(), 0

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.steps += 1

    def on_train_epoch_end(self, trainer, pl_module):
        self.steps_s.append((now() - self.start) / self.steps)

    def on_train_end(self, trainer, pl_module):
        peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
        Path({_TIMES!r}).write_text(json.dumps({{"steps_s": self.steps_s, "gpu_bytes": peak}}))


def now():
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()
"""

_CONFIG = f"""
data:
  _target_: serotiny.datamodules.ManifestDatamodule
  path: table.parquet
  split_column: split
  batch_size: {BATCH_ROWS}
  drop_last: true
  loaders: {{x: {{_target_: serotiny.io.dataframe.loaders.LoadColumns, startswith: x_}}}}
model:
  _target_: serotiny.models.TabularVAE
  x_label: x
  x_dim: {COLUMNS}
  latent_dim: {LATENT_DIM}
  hidden_layers: {HIDDEN_LAYERS}
  compiled: false
trainer:
  _target_: pytorch_lightning.Trainer
  max_epochs: {_EPOCHS}
  accelerator: cpu
  devices: 1
  precision: 32-true
  enable_progress_bar: false
  enable_model_summary: false
  callbacks:
    - {{_target_: wide.times.StepTimes}}
mlflow:
  tracking_uri: sqlite:///mlflow.db
  experiment_name: wide
seed: 42
test: false
"""


def main(arguments: list[str]) -> int:
    """Print a line for each number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=_PARTS, action="append", help="all without it; may be given twice")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rows", type=int, default=200_000)
    given = parser.parse_args(arguments)
    if given.device == "cuda" and not torch.cuda.is_available():
        print("no GPU here: nothing is measured")
        return 0
    device = torch.device(given.device)
    is_gpu = device.type == "cuda"
    print(torch.cuda.get_device_name(device) if is_gpu else "on the processor, to try the script", flush=True)
    with TemporaryDirectory(prefix="serotiny-gpu-") as folder, chdir(folder):
        project = Path(folder)
        _write_project(project, given.rows)
        sys.path.insert(0, folder)
        for part in given.part or _PARTS:
            _PARTS[part](project, device)
    return 0


def _write_project(project: Path, rows: int) -> None:
    values = np.random.default_rng(0).standard_normal((COLUMNS, rows), dtype=np.float32)
    cells = {
        "split": pa.array(["valid" if number % 20 == 0 else "train" for number in range(rows)]),
        **{f"x_{number:03d}": column for number, column in enumerate(values)},
    }
    pq.write_table(pa.table(cells), project / "table.parquet")
    (project / "pyproject.toml").write_text('[tool.serotiny]\npackage = "wide"\n')
    (project / "wide" / "config").mkdir(parents=True)
    (project / "wide" / "__init__.py").touch()
    (project / "wide" / "times.py").write_text(_CALLBACK)
    (project / "wide" / "config" / "train.yaml").write_text(_CONFIG)


def _module(path: Path) -> ManifestDatamodule:
    return ManifestDatamodule(
        path, {"x": LoadColumns(startswith="x_")}, "split", batch_size=BATCH_ROWS, seed=0, drop_last=True
    )


def _values(path: Path) -> torch.Tensor:
    return torch.cat([batch["x"] for batch in _module(path).train_dataloader()]).contiguous()


def _print_batches(project: Path, device: torch.device) -> None:
    path = project / "table.parquet"
    loader, values = _module(path).train_dataloader(), _values(path)
    is_gpu = device.type == "cuda"

    def ours() -> None:
        for batch in loader:
            batch["x"].to(device, non_blocking=True)

    def by_hand() -> None:
        order = torch.randperm(len(values))
        for start in range(0, len(values), BATCH_ROWS):
            chosen = values.index_select(0, order[start : start + BATCH_ROWS])
            (chosen.pin_memory() if is_gpu else chosen).to(device, non_blocking=True)

    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(_ROUNDS + 1):
        for work, times in zip((ours, by_hand), taken, strict=True):
            seconds = _seconds(work, is_gpu)
            if number:  # the first round warms up
                times.append(seconds)
    _print("an epoch of batches on the device / gathered and pinned by hand", *taken, unit=("s", 1))


def _seconds(work: Callable[[], object], is_gpu: bool) -> float:
    start = time.perf_counter()
    work()
    if is_gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _print_steps(project: Path, device: torch.device) -> None:
    for precision in ("32-true", "bf16-mixed"):
        for compiled in (False, True) if device.type == "cuda" else (False,):
            _print_step(project, device, precision, compiled)


def _print_step(project: Path, device: torch.device, precision: str, compiled: bool) -> None:
    accelerator = "gpu" if device.type == "cuda" else "cpu"
    values = _values(project / "table.parquet")

    def ours() -> list[float]:
        plan = serotiny.compile(
            "train",
            [
                f"trainer.accelerator={accelerator}",
                f"trainer.precision={precision}",
                f"model.compiled={str(compiled).lower()}",
                "++trainer.limit_val_batches=0",
            ],
        ).plan
        serotiny.run(plan)
        return _steps_s(project)

    def by_hand() -> list[float]:
        pl.seed_everything(42, verbose=False)
        # the fastest of the usual ways: torch gathers a batch with one call
        batches = BatchSampler(RandomSampler(values), BATCH_ROWS, drop_last=True)
        loader = DataLoader(
            TensorDataset(values), sampler=batches, batch_size=None, pin_memory=device.type == "cuda"
        )
        trainer = pl.Trainer(
            accelerator=accelerator,
            devices=1,
            max_epochs=_EPOCHS,
            precision=precision,  # type: ignore[arg-type]
            logger=MLFlowLogger("wide", tracking_uri="sqlite:///mlflow.db"),
            enable_progress_bar=False,
            enable_model_summary=False,
            limit_val_batches=0,
            callbacks=[import_module("wide.times").StepTimes()],
            default_root_dir=project / "by_hand",
        )
        trainer.fit(_ModelOfTuples(COLUMNS, LATENT_DIM, HIDDEN_LAYERS, "x", compiled=compiled), loader)
        return _steps_s(project)

    pairs = [(median(ours()[1:]), median(by_hand()[1:])) for _ in range(2)]
    name = f"a training step, {precision}{', compiled' if compiled else ''}: serotiny / by hand"
    _print(name, *map(list, zip(*pairs, strict=True)), unit=("ms", 1000))


class _ModelOfTuples(TabularVAE):
    def training_step(self, batch: Sequence[torch.Tensor], batch_idx: int) -> torch.Tensor:  # type: ignore[override]
        """As of a dictionary."""
        return super().training_step({"x": batch[0]}, batch_idx)


def _steps_s(project: Path) -> list[float]:
    steps_s: list[float] = json.loads((project / _TIMES).read_text())["steps_s"]
    return steps_s


def _print_memory(project: Path, device: torch.device) -> None:
    """What a rehearsal says, beside what a training needs; then the largest batch within 1 GiB."""
    is_gpu = device.type == "cuda"
    accelerator = f"trainer.accelerator={'gpu' if is_gpu else 'cpu'}"
    said = _called(project, "rehearse", "train", accelerator)
    _called(project, "train", accelerator, "mlflow.run_name=memory")
    print("\n".join(f"  {line}" for line in said.splitlines()))
    if is_gpu:
        used = json.loads((project / _TIMES).read_text())["gpu_bytes"] / _MIB
        _print_said(
            "memory by the rehearsal / of the training", _number(r"at most ([\d.,]+) MiB", said), used
        )
    start = time.perf_counter()
    said = _called(project, "rehearse", "train", "--largest-batch", accelerator)
    largest = int(_number(r"about ([\d,]+) rows$", said))
    print(f"the largest batch: {largest:,} rows, in {time.perf_counter() - start:.0f} s", flush=True)
    for rows in (largest, largest * 6 // 5) if is_gpu else ():
        few = ("++trainer.limit_train_batches=2", "trainer.max_epochs=1", f"data.batch_size={rows}")
        status = _process(project, ("train", accelerator, *few)).returncode
        print(f"a training with {rows:,} rows a batch: {'fails' if status else 'ends well'}", flush=True)


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"`{pattern}` is not in:\n{text}")
    return float(found[1].replace(",", ""))


def _called(project: Path, *arguments: str) -> str:
    done = _process(project, arguments)
    if done.returncode:
        raise SystemExit(f"serotiny {' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def _process(project: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    program = shutil.which("serotiny", path=places) or "serotiny"
    environment = {**os.environ, "MEMORY_BYTES": str(_MEMORY_BYTES)}
    return subprocess.run(
        [program, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def _print(name: str, ours: Sequence[float], other: Sequence[float], *, unit: tuple[str, float]) -> None:
    ratio = median(one / two for one, two in zip(ours, other, strict=True))
    word, factor = unit
    print(
        f"{name}: {median(ours) * factor:.3f} {word} / {median(other) * factor:.3f} {word} = {ratio:.3f}",
        flush=True,
    )


def _print_said(name: str, said: float, used: float) -> None:
    print(f"{name}: {said:.1f} MiB / {used:.1f} MiB = {said / used:.3f}", flush=True)


_PARTS: dict[str, Callable[[Path, torch.device], None]] = {
    "batches": _print_batches,
    "steps": _print_steps,
    "memory": _print_memory,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
