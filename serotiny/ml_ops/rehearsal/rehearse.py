"""Rehearse a training: everything that its job will do, with a few batches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from serotiny.compiler.checks.batch_limits import refused_limits
from serotiny.compiler.plan.plan import Plan
from serotiny.diagnostics import JobError, SerotinyError
from serotiny.diagnostics.counts import counted
from serotiny.ml_ops.checkpoints.store import LAST
from serotiny.ml_ops.job import BuiltJob
from serotiny.ml_ops.lightning.package import lightning_of
from serotiny.ml_ops.rehearsal.estimate import Estimate, estimate
from serotiny.ml_ops.rehearsal.free_memory import free_memory
from serotiny.ml_ops.rehearsal.gauge import Gauge
from serotiny.ml_ops.rehearsal.largest_batch import Trial, largest_batch
from serotiny.ml_ops.rehearsal.layers import LayerCall, LayerTrace, config_keys, named_in
from serotiny.ml_ops.rehearsal.small_job import is_skipped, small_plan
from serotiny.ml_ops.run import run

_OF_SHAPES = re.compile(
    r"shape|size|dimension|channels|out of bounds|out of range|broadcast|reshape|must match", re.IGNORECASE
)


class ShapeError(JobError):
    """A batch does not fit the model.

    Attributes:
        layer: the layer that failed; None if the error was outside of layers.
        keys: the key of that layer in the config, from the root.
        batch: shape and type of each entry of the batch.
        loaded: the entries that the model's config names; all of them if it names none.
    """

    def __init__(
        self,
        message: str,
        *,
        layer: LayerCall | None,
        keys: tuple[Any, ...],
        batch: Mapping[str, str],
        loaded: tuple[str, ...],
    ) -> None:
        super().__init__(message)
        self.layer = layer
        self.keys = keys
        self.batch = batch
        self.loaded = loaded


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The result of a rehearsal.

    Attributes:
        estimate: the needs of the job.
        done: the steps that succeeded, in a few words each.
        notes: steps that would fail, but that the job does not include.
    """

    estimate: Estimate
    done: tuple[str, ...]
    notes: tuple[str, ...] = ()


def rehearse(plan: Plan, folder: Path, *, tries_larger: bool = False) -> Rehearsal:
    """Train on two batches, validate on two, write a checkpoint, read it, and test and predict with it.

    Args:
        plan: the plan of a training.
        folder: the folder to work in, which the caller deletes.
        tries_larger: if the training uses a GPU, also find the largest batch that fits by training on larger ones.
            Without a GPU it is estimated, since a process that exhausts the memory of a machine is killed.

    Raises:
        ShapeError: a batch does not fit the model.
        JobError: the job would fail.
    """
    gauge: Gauge = lightning_of(plan.config).adopt(Gauge, "callbacks.Callback")()
    trained = _trained(small_plan(plan, "train"), folder / "train", gauge)
    settings: Mapping[str, Any] = plan.config.get("trainer") or {}
    _refuse_limits(settings, gauge.batches)
    done = [_looped(settings)]
    notes: list[str] = []
    checkpoint = trained / "checkpoints" / LAST
    if checkpoint.is_file():
        done.append("checkpoint written")
        for operation in ("test", "predict"):
            if is_skipped(settings, f"limit_{operation}_batches"):
                continue
            asked = bool(plan.config.get(operation))
            try:
                done += _used(small_plan(plan, operation, checkpoint), folder / operation)
            except SerotinyError as error:
                if asked:
                    raise
                notes.append(
                    f"`{operation}`, which the config does not ask for, would fail: {_headline(error)}"
                )
    on_gpu = gauge.gpu_bytes is not None
    found = estimate(gauge, settings, free_memory(on_gpu=on_gpu))
    if tries_larger and on_gpu and gauge.rows:
        trial = Trial(
            plan=small_plan(plan, "train"),
            folder=folder / "larger",
            rows=gauge.rows,
            epoch_rows=gauge.epoch_rows,
        )
        found = replace(found, largest_batch=largest_batch(trial))
        done.append("larger batches trained on")
    return Rehearsal(estimate=found, done=tuple(done), notes=tuple(notes))


def _looped(trainer: Mapping[str, Any]) -> str:
    """The batches that the training of a rehearsal consisted of."""
    if is_skipped(trainer, "limit_train_batches"):
        return "no batch: with `limit_train_batches: 0` there is no training"
    if is_skipped(trainer, "limit_val_batches"):
        return "two batches of the training, none of a validation: `limit_val_batches` is 0"
    return "two batches of the training and of the validation"


def _refuse_limits(settings: Mapping[str, Any], batches: Mapping[str, int]) -> None:
    """Refuse what Lightning would refuse at the start of the whole job, since the small one has other limits."""
    for refused in refused_limits(settings, batches):
        message = f"`trainer.{refused.name}` must be {refused.wanted}, not `{settings[refused.name]}`"
        raise JobError(f"the job would not start: {message}; {refused.fix}")


def _trained(plan: Plan, folder: Path, gauge: Gauge) -> Path:
    def watch(job: BuiltJob) -> None:
        gauge.layers = LayerTrace(job.model)
        job.trainer.callbacks.append(gauge)

    try:
        run(plan, folder, on_built=watch)
    except JobError as error:
        cause = error.__cause__ or error
        if gauge.batch and _OF_SHAPES.search(str(cause)):
            raise _shape_error(plan, gauge, cause) from error
        raise
    return folder


def _shape_error(plan: Plan, gauge: Gauge, cause: BaseException) -> ShapeError:
    model: Mapping[str, Any] = plan.config.get("model") or {}
    layer = gauge.layers.innermost if gauge.layers is not None else None
    keys: tuple[Any, ...] = config_keys(model, layer.path) if layer is not None else ()
    if not keys:
        keys = tuple(named_in(model, str(cause)))[-1:]
    named = tuple(key for key in gauge.batch if key in model.values())
    first_line = str(cause).strip().split("\n")[0]
    return ShapeError(
        first_line, layer=layer, keys=("model", *keys), batch=gauge.batch, loaded=named or tuple(gauge.batch)
    )


def _used(plan: Plan, folder: Path) -> list[str]:
    result = run(plan, folder)
    if result.predictions is None:
        return ["checkpoint read, two batches tested"]
    rows = _read_back(result.predictions)
    told = f", {counted(rows, 'row')} of them read again" if rows is not None else ""
    return [f"two batches predicted, predictions written{told}"]


def _read_back(folder: Path) -> int | None:
    """The number of rows in the table of predictions; None if the model writes its own files."""
    file = folder / "predictions.parquet"
    if not file.is_file():
        return None
    from pyarrow import parquet

    return int(parquet.read_table(file).num_rows)


def _headline(error: BaseException) -> str:
    return str(error).split("\n")[0]
