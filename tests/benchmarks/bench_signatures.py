"""How long reading thirty signatures takes: from the cache, and from source."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from serotiny.targets import SignatureCache, SignatureReader, TargetSignature
from tests.benchmarks.processes import REPEATS
from tests.benchmarks.row import Row

PATHS = (
    *(f"torch.optim.{name}" for name in ("Adam", "AdamW", "SGD", "RMSprop")),
    *(f"torch.optim.lr_scheduler.{name}" for name in ("StepLR", "ReduceLROnPlateau", "CosineAnnealingLR")),
    *(f"torch.nn.{name}" for name in ("Linear", "ReLU", "GELU", "MSELoss", "CrossEntropyLoss", "Conv2d")),
    *(f"torch.nn.{name}" for name in ("LSTM", "Dropout", "BatchNorm1d", "Sequential")),
    "torch.utils.data.DataLoader",
    "pytorch_lightning.Trainer",
    *(
        f"pytorch_lightning.callbacks.{name}"
        for name in ("EarlyStopping", "ModelCheckpoint", "RichProgressBar")
    ),
    *(f"pytorch_lightning.loggers.{name}" for name in ("CSVLogger", "MLFlowLogger", "TensorBoardLogger")),
    "pytorch_lightning.strategies.DDPStrategy",
    *(f"torchmetrics.{name}" for name in ("Accuracy", "MeanSquaredError")),
    "torchmetrics.classification.BinaryAccuracy",
    "serotiny.models.TabularVAE",
)


def rows() -> Iterator[Row]:
    """Warm against the bar, which includes asking for the state of every file; cold for comparison."""
    with TemporaryDirectory() as folder:
        cold = _read(Path(folder) / "first")
        warm = [_read(Path(folder) / "first") for _ in range(REPEATS)]
        times = f"{median(warm) * 1e3:.1f} ms warm, {cold * 1e3:.0f} ms cold"
        name = f"{len(PATHS)} signatures from the cache, processor time"
        yield Row(name, times, median(warm) * 1e3, 15, " ms")


def _read(folder: Path) -> float:
    """Seconds of processor time to read all paths with a new reader."""
    start = time.process_time()
    reader = SignatureReader(cache=SignatureCache(folder))
    found = [reader.read(path) for path in PATHS]
    seconds = time.process_time() - start
    assert all(isinstance(signature, TargetSignature) for signature in found)
    return seconds
