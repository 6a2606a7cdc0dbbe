"""Predict with a trained model."""

from __future__ import annotations

from pathlib import Path

from serotiny.ml_ops.build import Job
from serotiny.ml_ops.job_result import JobResult
from serotiny.ml_ops.predictions import save_predictions

PREDICTIONS_FOLDER = "predictions"


def predict(job: Job, checkpoint: Path) -> JobResult:
    """Run the predict loop on a checkpoint's weights and record what it gives."""
    return job.result(checkpoint=checkpoint, predictions=record_predictions(job, checkpoint))


def record_predictions(job: Job, checkpoint: Path | None) -> Path:
    """Write the predictions under the run folder and among the artifacts.

    Args:
        job: with the trainer to use.
        checkpoint: whose weights to use; None: the model's as they are.

    Returns:
        The folder, with whatever the model's `save_predictions` made there, or one parquet table.
    """
    with job.stop.deferred():
        predictions = job.trainer.predict(job.model, datamodule=job.datamodule, ckpt_path=checkpoint)
    folder = job.run_dir / PREDICTIONS_FOLDER
    save_predictions(job.model, predictions or [], folder)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        below = file.parent.relative_to(folder)
        job.session.upload(file, (Path(PREDICTIONS_FOLDER) / below).as_posix())
    return folder
