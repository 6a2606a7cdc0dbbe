"""Test a trained model."""

from __future__ import annotations

from pathlib import Path

from serotiny.ml_ops.build import Job
from serotiny.ml_ops.job_result import JobResult


def test(job: Job, checkpoint: Path) -> JobResult:
    """Run the test loop on a checkpoint's weights; its metrics are recorded in the run that was trained."""
    with job.stop.deferred():
        job.trainer.test(job.model, datamodule=job.datamodule, ckpt_path=checkpoint, verbose=False)
    return job.result(checkpoint=checkpoint)
