"""A job that is ready to run, and the result of a successful job."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.checkpoints.store import CheckpointStore, Kept
from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.ml_ops.run_logger import RunLogger
from serotiny.tracking.session import RunSession

if TYPE_CHECKING:
    from serotiny.ml_ops.ranks.control_group import ControlGroup


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """The result of a job.

    Attributes:
        operation: `train`, `test` or `predict`.
        run_id: the run's id in MLflow; None without MLflow.
        status: `FINISHED`.
        run_dir: the job's folder.
        metrics: the last value of each metric that the job logged, in alphabetical order.
        final_metrics: the metrics that callbacks could monitor at the end of a training, whether they are recorded or
            not; for a run that had finished before, its recorded metrics.
        checkpoint: the checkpoint that was written last (train) or that was used.
        best: the best checkpoint of each monitored metric.
        experiment_id: the experiment's id in MLflow; None without MLflow.
        is_skipped: whether nothing was left to do.
        predictions: the folder of the predictions, if any were made.
        resumed_from: the checkpoint from which a training was resumed.
        notes: further sentences for the user.
        page: the report page of a training.
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
    """The objects of a job, with which `train`, `test` and `predict` work."""

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
        """The result of this job after success."""
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
