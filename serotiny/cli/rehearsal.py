"""Rehearse a job, and print the result."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from serotiny.compiler.job import Job
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node, join, select
from serotiny.diagnostics import Diagnostic, JobError, SerotinyError
from serotiny.diagnostics.counts import counted
from serotiny.report.job_summary import duration_text, render_summary
from serotiny.report.report import Report
from serotiny.report.text import render_text

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from serotiny.ml_ops.rehearsal.estimate import Estimate
    from serotiny.ml_ops.rehearsal.rehearse import Rehearsal, ShapeError

_MIB = 2**20


def rehearse_and_tell(job: Job, largest_batch: bool) -> int:
    """Rehearse a sound training job in a temporary folder.

    Args:
        job: as compiled, with Hydra's node.
        largest_batch: also print the largest batch for which there is memory.

    Returns:
        The exit status: 1 where a batch does not fit the model.

    Raises:
        JobError: the job fails.
    """
    from serotiny.launch.compiled_jobs import single_job
    from serotiny.launch.hydra_app import HydraApp
    from serotiny.launch.job import rehearse_job
    from serotiny.ml_ops.rehearsal.rehearse import ShapeError

    project, plan = job.composed.project, job.plan()
    app = HydraApp(single_job(job, plan), Sources(project).options)

    def task(config: DictConfig) -> Rehearsal | SerotinyError:
        for handler in logging.getLogger().handlers:
            handler.setLevel(logging.WARNING)  # the progress of two batches is of no interest
        try:
            return rehearse_job(project, plan, config, tries_larger=largest_batch)
        except SerotinyError as error:
            return error  # not raised: Hydra would print the job's overrides, credentials included

    with tempfile.TemporaryDirectory(prefix="serotiny-rehearsal-") as folder:
        (outcome,) = app.run(task, lambda _path, _is_named_by_time: Path(folder))
    if isinstance(outcome, ShapeError):
        report = Report(jobs=1, diagnostics=(_diagnostic(outcome, job),), root=project.root)
        click.echo(render_text(report), err=True)
        return 1
    if isinstance(outcome, JobError):
        raise _without_folder(outcome)
    if isinstance(outcome, SerotinyError):
        raise outcome
    click.echo(render_summary("rehearsal: the job would run", list(_rows(outcome, largest_batch)), {}))
    return 0


def _rows(rehearsal: Rehearsal, largest_batch: bool) -> Iterator[tuple[str, str]]:
    found = rehearsal.estimate
    yield from (("done", text) for text in rehearsal.done)
    yield from (("batch", f"{key}: {text}") for key, text in found.batch.items())
    if found.parameters:
        yield from _needs(found)
    if largest_batch:
        largest = found.largest_batch
        yield "largest batch", "not known" if largest is None else f"about {counted(largest, 'row')}"
    yield from (("note", text) for text in rehearsal.notes)
    yield "left", "nothing: no run is recorded, and no file is kept"


def _needs(found: Estimate) -> Iterator[tuple[str, str]]:
    """What a training needs; there is none without batches."""
    yield (
        "parameters",
        f"{found.parameters:,}"
        + ("" if found.trainable == found.parameters else f", of which {found.trainable:,} are trained"),
    )
    yield "memory", _memory(found)
    if found.rows_per_s is not None:
        rows = counted(found.timed_rows, "row")
        yield "speed", f"{found.rows_per_s:,.0f} rows/s, of the second batch of {rows}"
    if found.epoch_s is not None:
        yield "an epoch", f"about {duration_text(found.epoch_s)}"
    if found.job_s is not None and found.epochs is not None:
        epochs = f"{found.epochs:g} {'epoch' if found.epochs == 1 else 'epochs'}"
        yield "the training", f"about {duration_text(found.job_s)}, for {epochs}"


def _memory(found: Estimate) -> str:
    parts = (
        f"{found.batch_bytes / _MIB:.1f} MiB a batch, {found.fixed_bytes / _MIB:.1f} MiB for parameters, "
        "gradients and optimizer"
    )
    return (
        parts if found.gpu_bytes is None else f"{parts}; at most {found.gpu_bytes / _MIB:.0f} MiB on the GPU"
    )


def _diagnostic(fault: ShapeError, job: Job) -> Diagnostic:
    """SER327, at the layer's place in the config, with the places of the loaders."""
    root = job.resolved.root
    keys, node = _written(root, _as_composed(job, fault.keys))
    notes = []
    if fault.layer is not None:
        shapes = ", ".join(map(str, fault.layer.inputs)) or "no tensor"
        notes.append(f"the layer is {fault.layer.layer}{_path(fault.layer.path)}, and it gets {shapes}")
    notes += [f"the batch has `{key}`: {fault.batch[key]}{_from(job, key)}" for key in fault.loaded]
    target = node.get("_target_") or node
    return Diagnostic(
        "SER327",
        f"a batch does not fit `{join(keys)}`: {fault}",
        target.written_at,
        join(keys),
        help="let the layer take what the loaders give, or the loaders give what it takes",
        notes=tuple(notes),
    )


def _path(path: str) -> str:
    return f" (`{path}` of the model)" if path else ""


def _from(job: Job, key: str) -> str:
    found = _as_composed(job, ("data", "loaders", key))
    node = select(job.resolved.root, found)
    if node is None:
        return ""
    place = (node.get("_target_") or node).written_at
    where = f" at {place.file}:{place.line}" if place.file is not None else f", {place}"
    return f", from `{join(found)}`{where}"


def _as_composed(job: Job, keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """The keys of a plan, in which every project has serotiny's layout, as the project's own layout has them."""
    composed = job.composed
    layout = composed.layout if composed.layout.is_own else composed.project.layout
    return (*(layout.keys(keys[0]) or keys[:1]), *keys[1:])


def _written(root: Node, keys: tuple[Any, ...]) -> tuple[tuple[Any, ...], Node]:
    """The innermost node on the path that exists, with its keys."""
    while keys:
        node = select(root, keys)
        if node is not None:
            return keys, node
        keys = keys[:-1]
    return keys, root


def _without_folder(error: JobError) -> JobError:
    """The error without the lines that name the temporary folder, or a run that is not recorded."""
    lines = [
        line
        for line in str(error).split("\n")
        if "serotiny-rehearsal-" not in line and not line.startswith("  run ")
    ]
    error.args = ("\n".join(lines),)
    return error
