"""Batches of PNG files from two workers, against Pillow decoding the same files in two processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadImage
from tests.benchmarks.row import Row

_IMAGES = 1_000
_SIDE = 128
_WORKERS = 2
_ROUNDS = 5


def rows() -> Iterator[Row]:
    """One row; workers and processes are there before the clock starts."""
    torch.set_num_threads(1)
    with TemporaryDirectory(prefix="serotiny-bench-") as folder:
        files = _write(Path(folder))
        data = ManifestDatamodule(
            Path(folder) / "images.parquet",
            {"image": LoadImage("file")},
            "split",
            batch_size=32,
            num_workers=_WORKERS,
            seed=0,
            persistent_workers=True,
        )
        loader = data.train_dataloader()
        shares = [files[start::_WORKERS] for start in range(_WORKERS)]
        with ProcessPoolExecutor(_WORKERS, multiprocessing.get_context("fork")) as processes:
            pairs = [
                (_taken(lambda: sum(len(batch["image"]) for batch in loader)), _taken(decode))
                for decode in [lambda: list(processes.map(_decoded, shares))] * (_ROUNDS + 1)
            ][1:]
    ours, alone = (median(pair[side] for pair in pairs) for side in (0, 1))
    yield Row(
        f"{_IMAGES:,} PNG files of {_SIDE} x {_SIDE} in batches, {_WORKERS} workers / Pillow in {_WORKERS} processes",
        f"{ours:.3f} s / {alone:.3f} s",
        median(one / other for one, other in pairs),
        1.2,
    )


def _write(folder: Path) -> list[Path]:
    """Smooth pictures with some noise, which are compressed as photographs are: to about half."""
    random = np.random.default_rng(0)
    slope = np.linspace(0, 200, _SIDE, dtype=np.float32)
    files = [folder / f"{number}.png" for number in range(_IMAGES)]
    for file in files:
        noise = random.integers(0, 16, (_SIDE, _SIDE, 3))
        plane = slope[:, None, None] * random.random() + slope[None, :, None] * random.random()
        Image.fromarray(np.clip(plane + noise, 0, 255).astype(np.uint8)).save(file)
    cells = {"file": [file.name for file in files], "split": ["train"] * _IMAGES}
    pq.write_table(pa.table(cells), folder / "images.parquet")
    return files


def _decoded(files: Sequence[Path]) -> int:
    return sum(np.asarray(Image.open(file)).size for file in files)


def _taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
