"""Batches on their way to a GPU, and the training step there: `python tests/benchmarks/gpu.py [--device cpu] [--rows N]`.

Needs nothing but the installed project, and takes less than five minutes. Without a GPU it says so and exits with 0.
Both sides of each ratio are taken in turns in one process.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytorch_lightning as pl
import torch

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadColumns
from serotiny.models import TabularVAE

COLUMNS = 100
BATCH_ROWS = 1024
_ROUNDS = 5


def main(arguments: list[str]) -> int:
    """Print a line for each ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rows", type=int, default=400_000)
    given = parser.parse_args(arguments)
    if given.device == "cuda" and not torch.cuda.is_available():
        print("no GPU here: nothing is measured")
        return 0
    device = torch.device(given.device)
    print(
        torch.cuda.get_device_name(device) if device.type == "cuda" else "on the processor, to try the script"
    )
    with TemporaryDirectory(prefix="serotiny-gpu-") as folder:
        path = _table(Path(folder), given.rows)
        _print_batches(path, device)
        for precision in ("32-true", "bf16-mixed"):
            for compiled in (False, True) if device.type == "cuda" else (False,):
                _print_steps(path, device, precision, compiled)
    return 0


def _table(folder: Path, rows: int) -> Path:
    values = np.random.default_rng(0).standard_normal((COLUMNS, rows), dtype=np.float32)
    cells = {
        "split": pa.array(["train"] * rows),
        **{f"x_{number:03d}": column for number, column in enumerate(values)},
    }
    pq.write_table(pa.table(cells), folder / "table.parquet")
    return folder / "table.parquet"


def _module(path: Path) -> ManifestDatamodule:
    return ManifestDatamodule(
        path, {"x": LoadColumns(startswith="x_")}, "split", batch_size=BATCH_ROWS, seed=0, drop_last=True
    )


def _print_batches(path: Path, device: torch.device) -> None:
    loader = _module(path).train_dataloader()
    values = torch.cat([batch["x"] for batch in loader]).contiguous()
    if device.type == "cuda":
        values = values.pin_memory()

    def ours() -> None:
        for batch in loader:
            batch["x"].to(device, non_blocking=True)

    def by_hand() -> None:
        order = torch.randperm(len(values))
        for start in range(0, len(values), BATCH_ROWS):
            chosen = values.index_select(0, order[start : start + BATCH_ROWS])
            (chosen.pin_memory() if device.type == "cuda" else chosen).to(device, non_blocking=True)

    _print(
        "an epoch of batches on the device / gathered and pinned by hand", *_in_turns(ours, by_hand, device)
    )


def _print_steps(path: Path, device: torch.device, precision: str, compiled: bool) -> None:
    data = _module(path)
    makes = [_model(compiled), _model(compiled)]

    def ours() -> None:
        run = pl.Trainer(
            accelerator="gpu" if device.type == "cuda" else "cpu",
            devices=1,
            max_epochs=1,
            precision=precision,  # type: ignore[arg-type]
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            limit_val_batches=0,
        )
        run.fit(makes[0], train_dataloaders=data.train_dataloader())

    def by_hand() -> None:
        model = makes[1].to(device).train()
        optimizer = torch.optim.Adam(model.parameters())
        for batch in data.train_dataloader():
            x = batch["x"].to(device, non_blocking=True)
            with torch.autocast(device.type, torch.bfloat16, enabled=precision != "32-true"):
                loss = model.loss(x, model(x)).total
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

    name = f"an epoch of training, {precision}{', compiled' if compiled else ''}: Lightning / by hand"
    _print(name, *_in_turns(ours, by_hand, device, rounds=3))
    if device.type == "cuda":
        print(f"  largest GPU memory so far: {torch.cuda.max_memory_allocated(device) / 2**20:.0f} MiB")


def _model(compiled: bool) -> TabularVAE:
    torch.manual_seed(0)
    model = TabularVAE(COLUMNS, 16, [256, 256], "x")
    if compiled:
        model.encoder.compile()
        model.decoder.compile()
    return model


def _in_turns(
    first: Callable[[], object], second: Callable[[], object], device: torch.device, rounds: int = _ROUNDS
) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for work, times in zip((first, second), taken, strict=True):
            start = time.perf_counter()
            work()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            if number:  # the first round warms up
                times.append(time.perf_counter() - start)
    return taken


def _print(name: str, ours: list[float], other: list[float]) -> None:
    ratio = median(one / two for one, two in zip(ours, other, strict=True))
    print(f"{name}: {median(ours):.3f} s / {median(other):.3f} s = {ratio:.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
