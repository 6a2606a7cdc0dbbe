"""What a job that ended well tells the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class JobResult:
    """How a job ended.

    Attributes:
        operation: `train`, `test` or `predict`.
        run_id: MLflow's; None without MLflow.
        status: `FINISHED`.
        run_dir: the job's own folder.
        metrics: the last value of each metric that the job logged, in alphabetical order.
        checkpoint: the checkpoint that was written last (train) or that was used.
        best: the best checkpoint by the first monitored metric.
        predictions: the folder of the predictions, if any were made.
        resumed_from: the checkpoint that a training went on from.
        notes: what else is to be said, a sentence each.
    """

    operation: str
    run_id: str | None
    run_name: str
    status: str
    run_dir: Path
    metrics: dict[str, float] = field(default_factory=dict)
    checkpoint: Path | None = None
    best: Path | None = None
    predictions: Path | None = None
    resumed_from: Path | None = None
    notes: tuple[str, ...] = ()
