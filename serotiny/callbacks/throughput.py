"""A callback that logs speed and memory use of a training."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

_MIB = 2**20


class Throughput(pl.Callback):
    """Logs, at the end of each epoch of the training, `rows_per_s` and `peak_memory_mib` (and `peak_gpu_memory_mib`).

    Only this process's rows are counted, and the time of the validation is left out. The memory is the peak of the
    process since its start, in MiB.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows = 0
        self._seconds = 0.0
        self._since: float | None = None

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock and set the counts to 0."""
        self._rows, self._seconds, self._since = 0, 0.0, time.perf_counter()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the rows of a batch."""
        self._rows += rows_of(batch)

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop the clock during a validation."""
        if self._since is not None:
            self._seconds += time.perf_counter() - self._since
            self._since = None

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock again."""
        if not trainer.sanity_checking:
            self._since = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log rows per second and peak memory."""
        if self._since is not None:
            self._seconds += time.perf_counter() - self._since
            self._since = None
        found = {"rows_per_s": self._rows / max(self._seconds, 1e-9), "peak_memory_mib": peak_memory() / _MIB}
        if pl_module.device.type == "cuda":
            found["peak_gpu_memory_mib"] = torch.cuda.max_memory_allocated(pl_module.device) / _MIB
        pl_module.log_dict(found, on_step=False, on_epoch=True)


def rows_of(batch: Any) -> int:
    """The number of rows of a batch: the length of its first tensor or list; 0 if it has neither."""
    values = (
        list(batch.values())
        if isinstance(batch, Mapping)
        else batch
        if isinstance(batch, list | tuple)
        else [batch]
    )
    for value in values:
        if isinstance(value, Tensor) and value.ndim:
            return len(value)
        if isinstance(value, list):
            return len(value)
    return 0


def peak_memory() -> int:
    """The peak resident memory of this process, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
