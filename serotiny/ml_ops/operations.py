"""Train, test and predict with a built job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serotiny.diagnostics.counts import counted
from serotiny.ml_ops.checkpoints.choice import ChosenCheckpoint
from serotiny.ml_ops.checkpoints.store import LAST
from serotiny.ml_ops.job import BuiltJob, JobResult
from serotiny.ml_ops.lightning.ending import not_finite
from serotiny.ml_ops.predictions.gathered import all_predictions
from serotiny.ml_ops.predictions.writer import PredictionWriter
from serotiny.ml_ops.resume.training_end import training_so_far
from serotiny.tracking import layout
from serotiny.tracking.reservation.training import EPOCHS, STEPS, TIME, Trained

PREDICTIONS_FOLDER = "predictions"


def work(job: BuiltJob, checkpoint: ChosenCheckpoint | None) -> JobResult:
    """Run the job's operation, with the checkpoint to resume from or to use."""
    if job.plan.operation == "train":
        return train(job, checkpoint)
    assert checkpoint is not None
    path = checkpoint.path
    return test(job, path) if job.plan.operation == "test" else predict(job, path)


def predict(job: BuiltJob, checkpoint: Path) -> JobResult:
    """Run the predict loop with a checkpoint's weights, and record the predictions."""
    return job.result(checkpoint=checkpoint, predictions=record_predictions(job, checkpoint))


def record_predictions(job: BuiltJob, checkpoint: Path | None) -> Path:
    """Write the predictions under the run folder and among the artifacts.

    Args:
        job: the job with its trainer.
        checkpoint: the checkpoint with the weights to use; None for the model's current weights.

    Returns:
        The folder, with the files of the model's `save_predictions`, or one table.
    """
    folder = job.run_dir / PREDICTIONS_FOLDER
    own = getattr(job.model, "save_predictions", None)
    if callable(own):
        predictions = all_predictions(job.trainer, job.group, _predicted(job, checkpoint, keep=True) or [])
        if predictions is not None:
            folder.mkdir(parents=True, exist_ok=True)
            own(predictions, folder)
    else:
        as_csv = job.plan.config.get("predictions_format") == "csv"
        writer = job.lightning.adopt(PredictionWriter, "callbacks.Callback")(folder, as_csv)
        job.trainer.callbacks.append(writer)
        try:
            _predicted(job, checkpoint, keep=False)
        finally:
            job.trainer.callbacks.remove(writer)
    if not job.trainer.is_global_zero:
        return folder
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        below = file.parent.relative_to(folder)
        job.session.upload(file, (Path(PREDICTIONS_FOLDER) / below).as_posix())
    return folder


def _predicted(job: BuiltJob, checkpoint: Path | None, keep: bool) -> Any:
    with job.stop.deferred():
        return job.trainer.predict(
            job.model, datamodule=job.datamodule, ckpt_path=checkpoint, return_predictions=keep
        )


def test(job: BuiltJob, checkpoint: Path) -> JobResult:
    """Run the test loop with a checkpoint's weights; its metrics are recorded in the trained run."""
    with job.stop.deferred():
        job.trainer.test(job.model, datamodule=job.datamodule, ckpt_path=checkpoint, verbose=False)
    return job.result(checkpoint=checkpoint)


def train(job: BuiltJob, resumed: ChosenCheckpoint | None) -> JobResult:
    """Fit from the start or from a checkpoint; then test and predict with the last weights if the config says so.

    In the layout of lightning-hydra-template `train: false` skips the fit, and the best weights are tested.
    """
    trainer, model, datamodule = job.trainer, job.model, job.datamodule
    if job.plan.config.get("test") or job.plan.config.get("predict"):
        _ask_for_test_rows(datamodule)
    resume_from = None if resumed is None else resumed.path
    is_fitted = not job.plan.is_template or job.plan.config.get("train")
    trained = _fit(job, resumed) if is_fitted else None
    beyond = None if resumed is None or trained is None else _nothing_done(resumed, trained, trainer)
    final_metrics = _metrics_of(trainer)
    predictions = None
    if job.plan.config.get("test"):
        best = _best_of(trainer) if job.plan.is_template else None
        with job.stop.deferred():
            trainer.test(model, datamodule=datamodule, ckpt_path=best, verbose=False)
        final_metrics |= _metrics_of(trainer)
    if job.plan.config.get("predict"):
        predictions = record_predictions(job, None)
    return job.result(
        checkpoint=job.checkpoints.last if job.checkpoints.last.is_file() else None,
        best=job.checkpoints.best(trainer),
        predictions=predictions,
        final_metrics=final_metrics,
        resumed_from=resume_from,
        notes=(
            *((trained.described(),) if trained is not None and trained.was_cut else ()),
            *((beyond,) if beyond is not None else ()),
            *not_finite(job.logger.last_metrics),
        ),
    )


def _metrics_of(trainer: Any) -> dict[str, float]:
    return {name: float(value) for name, value in trainer.callback_metrics.items()}


def _fit(job: BuiltJob, resumed: ChosenCheckpoint | None) -> Trained:
    resume_from = None if resumed is None else resumed.path
    if resumed is not None and _is_beyond_its_epochs(job.trainer, resumed):
        # Lightning raises if it is less than the epochs of the checkpoint
        job.trainer.fit_loop.max_epochs = resumed.epochs
    with job.stop.deferred():
        job.trainer.fit(job.model, datamodule=job.datamodule, ckpt_path=resume_from)
    job.logger.is_fitted = True
    trained = training_so_far(job.trainer)
    if resumed is not None and not job.checkpoints.was_written:
        # nothing left to train; the start that wrote the last checkpoint may have died before its upload
        trained = resumed.trained or trained
        if resumed.run_id:
            job.session.upload_checkpoint(resumed.path, LAST, epoch=resumed.epoch, step=resumed.step)
    job.checkpoints.upload_kept(job.trainer)
    job.session.set_tags({layout.TAG_TRAINED: trained.to_json()})
    return trained


def _is_beyond_its_epochs(trainer: Any, resumed: ChosenCheckpoint) -> bool:
    """Whether the run was trained for more epochs than `max_epochs` is now."""
    limit = trainer.max_epochs
    return limit is not None and 0 <= limit < resumed.epochs


def _nothing_done(resumed: ChosenCheckpoint, trained: Trained, trainer: Any) -> str | None:
    """A note where the checkpoint had all that was asked for; None where something was trained, or could not be."""
    if trained.was_stopped or trainer.global_step > resumed.step or trained.epochs > resumed.epochs:
        return None
    limit = trained.ended_by if trained.ended_by in {STEPS, TIME} else EPOCHS
    return (
        f"it was trained for {counted(resumed.epochs, 'epoch')} before: nothing was left to train; "
        f"for more, raise `trainer.{limit}`"
    )


def _ask_for_test_rows(datamodule: Any) -> None:
    """Let a data module with this ability raise before the training if there is nothing to test."""
    expect = getattr(datamodule, "expect", None)
    if callable(expect):
        expect("test")


def _best_of(trainer: Any) -> str | None:
    """The best checkpoint of the trainer's first ModelCheckpoint; None for the current weights."""
    callback = trainer.checkpoint_callback
    return (callback.best_model_path or None) if callback is not None else None
