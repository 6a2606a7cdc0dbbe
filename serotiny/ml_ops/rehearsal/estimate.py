"""Estimate time and memory of a whole job from two batches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serotiny.compiler.checks.batch_limits import limited
from serotiny.ml_ops.rehearsal.gauge import Gauge

_LIGHTNINGS_EPOCHS = 1000
"""Lightning's default for `max_epochs`, if the trainer has no limit."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The estimated needs of a job on this machine.

    Attributes:
        parameters, trainable: the number of the model's parameters, and of those that are trained.
        batch: shape and type of each entry of a batch.
        timed_rows: the rows of the batch of which the speed is.
        rows_per_s: the speed of the training with loading; None if there was only one batch.
        batch_bytes: the memory for a batch while it is trained on.
        fixed_bytes: the memory that does not depend on the batch.
        gpu_bytes: the peak of torch's memory on the GPU; None without a GPU.
        epoch_s: the time of an epoch with its validation and checkpoints; None if the length of an epoch is not known.
        epochs: the largest number of epochs; None if there is no limit.
        largest_batch: the rows of the largest batch that fits into memory, by the memory for a row unless it was tried,
            and at most those of an epoch; None if that is not known.
    """

    parameters: int
    trainable: int
    batch: Mapping[str, str]
    timed_rows: int
    rows_per_s: float | None
    batch_bytes: int
    fixed_bytes: int
    gpu_bytes: int | None
    epoch_s: float | None
    epochs: float | None
    largest_batch: int | None

    @property
    def job_s(self) -> float | None:
        """The time of the whole training in seconds; None if it is not known."""
        return None if self.epoch_s is None or self.epochs is None else self.epoch_s * self.epochs


def estimate(gauge: Gauge, trainer: Mapping[str, Any], free_bytes: int | None) -> Estimate:
    """The estimate from a rehearsal.

    Args:
        gauge: the measurements.
        trainer: the trainer's config in the real job.
        free_bytes: the available memory; None if it is not known.
    """
    batches = limited(gauge.most_batches.get("train", 0), trainer.get("limit_train_batches"))
    validated = limited(gauge.most_batches.get("val", 0), trainer.get("limit_val_batches"))
    step_s, val_s = gauge.seconds.get("train"), gauge.seconds.get("val", 0.0)
    epoch_s = None
    if batches and step_s is not None:
        every = trainer.get("check_val_every_n_epoch") or 1
        epoch_s = batches * step_s + validated * val_s / every + gauge.epoch_end_s
    batch_bytes = gauge.kept_bytes
    if gauge.gpu_bytes is not None:
        batch_bytes = max(0, gauge.gpu_bytes - gauge.fixed_bytes)
    largest = None
    if free_bytes is not None and gauge.rows and batch_bytes:
        largest = max(0, int((free_bytes - gauge.fixed_bytes) * gauge.rows / batch_bytes))
        if gauge.epoch_rows:
            largest = min(largest, gauge.epoch_rows)
    return Estimate(
        parameters=gauge.parameters,
        trainable=gauge.trainable,
        batch=gauge.batch,
        timed_rows=gauge.timed_rows,
        rows_per_s=gauge.timed_rows / step_s if step_s else None,
        batch_bytes=batch_bytes,
        fixed_bytes=gauge.fixed_bytes,
        gpu_bytes=gauge.gpu_bytes,
        epoch_s=epoch_s,
        epochs=_epochs(trainer, batches),
        largest_batch=largest,
    )


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
