"""A job that can run, and what one that ended well tells the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.checkpoints.store import CheckpointStore, Kept
from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.ranks.control_group import ControlGroup
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.ml_ops.run_logger import RunLogger
from serotiny.tracking.session import RunSession


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """How a job ended.

    Attributes:
        operation: `train`, `test` or `predict`.
        run_id: MLflow's; None without MLflow.
        status: `FINISHED`.
        run_dir: the job's own folder.
        metrics: the last value of each metric that the job logged, in alphabetical order.
        final_metrics: those that callbacks could monitor when a training had ended, whether they are recorded or
            not; of a run that had finished before, what it has on record.
        checkpoint: the checkpoint that was written last (train) or that was used.
        best: the best checkpoint of each monitored metric.
        experiment_id: MLflow's; None without MLflow.
        is_skipped: whether nothing was left to do.
        predictions: the folder of the predictions, if any were made.
        resumed_from: the checkpoint that a training went on from.
        notes: what else is to be said, a sentence each.
        page: the run on one page, of a training.
    """

    operation: str
    run_id: str | None
    run_name: str
    status: str
    run_dir: Path
    metrics: dict[str, float] = field(default_factory=dict)
    final_metrics: dict[str, float] = field(default_factory=dict)
    checkpoint: Path | None = None
    best: tuple[Kept, ...] = ()
    predictions: Path | None = None
    resumed_from: Path | None = None
    notes: tuple[str, ...] = ()
    experiment_id: str | None = None
    page: Path | None = None
    is_skipped: bool = False


@dataclass(frozen=True, kw_only=True)
class BuiltJob:
    """A built job: what `train`, `test` and `predict` work with."""

    plan: Plan
    run_dir: Path
    session: RunSession
    lightning: LightningPackage
    model: Any
    datamodule: Any
    trainer: Any
    logger: RunLogger
    checkpoints: CheckpointStore
    stop: StopRequest
    group: ControlGroup

    def result(self, **outcome: Any) -> JobResult:
        """The result of this job, which ended well."""
        return JobResult(
            operation=self.plan.operation,
            run_id=self.session.info.run_id,
            run_name=self.session.info.run_name,
            experiment_id=self.session.info.experiment_id or None,
            status="FINISHED",
            run_dir=self.run_dir,
            metrics=dict(sorted(self.logger.last_metrics.items())),
            **outcome,
        )
