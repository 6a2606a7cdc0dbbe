"""From two batches to the whole job."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.ml_ops.rehearsal.gauge import Gauge

_LIGHTNINGS_EPOCHS = 1000
"""Where a trainer says nothing of its end."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a job will take, on this machine.

    Attributes:
        parameters, trainable: of the model.
        batch: shape and type of each entry.
        rows: of a batch.
        rows_per_s: of the training, loading included; None where it had one batch alone.
        batch_bytes: memory that a batch takes while it is trained on.
        fixed_bytes: memory that does not depend on the batch.
        gpu_bytes: the most that torch has had on the GPU; None without one.
        epoch_s: an epoch with its validation; None where the length of an epoch is not known.
        epochs: how many there will be at most; None where there is no end.
        largest_batch: rows of the largest batch for which there is memory, by what a row takes; None where that is not known.
    """

    parameters: int
    trainable: int
    batch: Mapping[str, str]
    rows: int
    rows_per_s: float | None
    batch_bytes: int
    fixed_bytes: int
    gpu_bytes: int | None
    epoch_s: float | None
    epochs: float | None
    largest_batch: int | None

    @property
    def job_s(self) -> float | None:
        """The whole training."""
        return None if self.epoch_s is None or self.epochs is None else self.epoch_s * self.epochs


def estimate(gauge: Gauge, trainer: Mapping[str, Any], free_bytes: int | None) -> Estimate:
    """What follows from a rehearsal.

    Args:
        gauge: that has watched it.
        trainer: the config's, as the job will have it.
        free_bytes: memory that a batch and what is fixed may take; None where it is not known.
    """
    batches = limited(gauge.batches.get("train", 0), trainer.get("limit_train_batches"))
    validated = limited(gauge.batches.get("val", 0), trainer.get("limit_val_batches"))
    step_s, val_s = gauge.seconds.get("train"), gauge.seconds.get("val", 0.0)
    epoch_s = None
    if batches and step_s is not None:
        every = trainer.get("check_val_every_n_epoch") or 1
        epoch_s = batches * step_s + validated * val_s / every
    batch_bytes = gauge.kept_bytes
    if gauge.gpu_bytes is not None:
        batch_bytes = max(0, gauge.gpu_bytes - gauge.fixed_bytes)
    largest = None
    if free_bytes is not None and gauge.rows and batch_bytes:
        largest = max(0, int((free_bytes - gauge.fixed_bytes) * gauge.rows / batch_bytes))
    return Estimate(
        parameters=gauge.parameters,
        trainable=gauge.trainable,
        batch=gauge.batch,
        rows=gauge.rows,
        rows_per_s=gauge.rows / step_s if step_s else None,
        batch_bytes=batch_bytes,
        fixed_bytes=gauge.fixed_bytes,
        gpu_bytes=gauge.gpu_bytes,
        epoch_s=epoch_s,
        epochs=_epochs(trainer, batches),
        largest_batch=largest,
    )


def limited(batches: int, limit: float | None) -> int:
    """The batches that Lightning takes of an epoch: a share of them, or a number."""
    if isinstance(limit, float):
        return int(batches * limit)
    return batches if limit is None else min(batches, limit)


def _epochs(trainer: Mapping[str, Any], batches: int) -> float | None:
    epochs, steps = trainer.get("max_epochs"), trainer.get("max_steps")
    if steps is not None and steps < 0:
        steps = None
    if epochs is None and steps is None:
        epochs = None if trainer.get("max_time") else _LIGHTNINGS_EPOCHS
    limits = [float(epochs)] if epochs is not None and epochs >= 0 else []
    if steps is not None and batches:
        accumulated = trainer.get("accumulate_grad_batches") or 1
        limits.append(steps / math.ceil(batches / accumulated))
    return min(limits) if limits else None


def free_memory() -> int | None:
    """Memory that there is room in: of the first GPU, or else of this machine and the group that it gives this process."""
    import torch

    if torch.cuda.is_available():
        free, _ = torch.cuda.mem_get_info()
        return int(free) + torch.cuda.memory_reserved()
    found: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        found.append(int(line.split()[1]) * 1024)
    with suppress(OSError, ValueError):
        most = int(Path("/sys/fs/cgroup/memory.max").read_text("ascii"))
        found.append(most - int(Path("/sys/fs/cgroup/memory.current").read_text("ascii")))
    if not found:
        with suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return min(found) if found else None
