"""Find the largest batch that fits into the memory of a GPU, by training on growing batches."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from serotiny.compiler.plan.plan import Plan
from serotiny.diagnostics import JobError
from serotiny.ml_ops.job import BuiltJob
from serotiny.ml_ops.lightning.package import lightning_of
from serotiny.ml_ops.run import run

_STEPS: Final = 16
"""The number of sizes that are tried between the largest power of two that fits and the next one."""

_MOST_ROWS: Final = 2**30
"""The limit if the length of an epoch is not known."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is known when the trials begin.

    Attributes:
        plan: the plan of a small training.
        folder: a folder for the trials.
        rows: the rows of a batch of the training.
        epoch_rows: the rows of an epoch, which no batch exceeds; 0 if that is not known.
    """

    plan: Plan
    folder: Path
    rows: int
    epoch_rows: int


def largest_batch(trial: Trial) -> int:
    """The rows of the largest batch that can be trained on, to a sixteenth; at most an epoch.

    A batch of the training is repeated to more and more rows until the memory is exhausted, first twice as many, then a
    sixteenth more each time.

    Raises:
        JobError: a training failed for another reason.
    """
    most = max(trial.rows, trial.epoch_rows or _MOST_ROWS)
    doubled = list(takewhile(lambda size: size < most, (trial.rows << power for power in range(1, 31))))
    fits = _largest_of([*doubled, most], trial, "doubled") or trial.rows
    finer = [fits + fits * step // _STEPS for step in range(1, _STEPS)]
    return _largest_of([size for size in finer if size < most], trial, "finer") or fits


def _largest_of(sizes: Sequence[int], trial: Trial, name: str) -> int | None:
    """The last of these sizes, which increase, before the memory is exhausted; None if not even the first fits."""
    if not sizes:
        return None
    lightning = lightning_of(trial.plan.config)
    counter = lightning.adopt(_Counter, "callbacks.Callback")()

    def grow(job: BuiltJob) -> None:
        source = job.datamodule if job.datamodule is not None else job.model
        source.train_dataloader = _grown(source.train_dataloader, trial.rows, sizes)
        job.trainer.callbacks.append(counter)

    config = dict(trial.plan.config)
    config["trainer"] = {**config["trainer"], "limit_train_batches": len(sizes), "accumulate_grad_batches": 1}
    try:
        run(replace(trial.plan, config=config), trial.folder / name, on_built=grow)
    except JobError as error:
        if not lightning.get("utilities.memory.is_oom_error")(error.__cause__):
            raise
    finally:
        gc.collect()  # the failed training's tensors, which its traceback held
        torch.cuda.empty_cache()
    return sizes[counter.batches - 1] if counter.batches else None


class _Counter:
    """Mixed in before `Callback`, to count the batches that were trained on."""

    batches = 0

    def on_train_batch_end(self, *_: Any) -> None:
        self.batches += 1


def _grown(given: Callable[[], Any], rows: int, sizes: Sequence[int]) -> Callable[[], Any]:
    # `wraps`, since Lightning checks the wrapped function to find whether the hook is overridden
    @functools.wraps(given)
    def train_dataloader() -> DataLoader[Any]:
        batch, _, _ = next(iter(given()))
        return DataLoader(_RepeatedBatch(batch, rows, sizes), batch_size=None)

    return train_dataloader


class _RepeatedBatch(Dataset[Any]):
    """Whole batches of these sizes, made from the rows of one batch."""

    def __init__(self, batch: Any, rows: int, sizes: Sequence[int]) -> None:
        self._batch = batch
        self._rows = rows
        self._sizes = sizes

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, index: int) -> Any:
        return repeated(self._batch, torch.arange(self._sizes[index]) % self._rows, self._rows)


def repeated(batch: Any, positions: Tensor, rows: int) -> Any:
    """A batch with its rows at these positions.

    Args:
        batch: tensors and lists with an item for each row, alone, in mappings or in sequences; anything else is kept.
        positions: shape (n,).
        rows: the rows of the batch.
    """
    if isinstance(batch, Tensor):
        return batch.index_select(0, positions) if batch.ndim and len(batch) == rows else batch
    if isinstance(batch, Mapping):
        return {key: repeated(value, positions, rows) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        if len(batch) == rows and not any(isinstance(item, Tensor) for item in batch):
            return [batch[position] for position in positions.tolist()]
        items = [repeated(item, positions, rows) for item in batch]
        return type(batch)(*items) if hasattr(batch, "_fields") else type(batch)(items)
    return batch
