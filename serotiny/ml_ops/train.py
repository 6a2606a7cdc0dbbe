"""Train a model, and test and predict with it where the config says so."""

from __future__ import annotations

from pathlib import Path

from serotiny.ml_ops.build import Job
from serotiny.ml_ops.job_result import JobResult
from serotiny.ml_ops.predict import record_predictions


def train(job: Job, resume_from: Path | None) -> JobResult:
    """Fit from the start or from a checkpoint; then `test: true` and `predict: true`, with the last weights."""
    trainer, model, datamodule = job.trainer, job.model, job.datamodule
    with job.stop.deferred():
        trainer.fit(model, datamodule=datamodule, ckpt_path=resume_from)
    job.checkpoints.upload_kept(trainer)
    predictions = None
    if job.plan.config.get("test"):
        with job.stop.deferred():
            trainer.test(model, datamodule=datamodule, verbose=False)
    if job.plan.config.get("predict"):
        predictions = record_predictions(job, None)
    return job.result(
        checkpoint=job.checkpoints.last if job.checkpoints.last.is_file() else None,
        best=job.checkpoints.best(trainer),
        predictions=predictions,
        resumed_from=resume_from,
    )
