"""Find how far a training has come, and what ended it."""

from __future__ import annotations

from typing import Any

from serotiny.tracking.reservation.training import (
    CALLBACK,
    EARLY_STOPPING,
    EPOCHS,
    STEPS,
    TIME,
    UNENDED,
    Trained,
)


def is_within_epoch(trainer: Any) -> bool:
    """Whether the epoch ended before its last batch, since something has ended the training."""
    return not trainer.fit_loop.epoch_loop._num_ready_batches_reached()


def training_so_far(trainer: Any) -> Trained:
    """The completed epochs and steps, and what ended the training."""
    epochs = trainer.fit_loop.epoch_progress.current
    # at the end of an incomplete epoch Lightning has already counted it
    was_cut = epochs.started == epochs.processed and is_within_epoch(trainer)
    whole = epochs.processed - 1 if was_cut else epochs.processed
    timer = _timer(trainer)
    return Trained(
        epochs=whole,
        steps=trainer.global_step,
        ended_by=_ended_by(trainer, whole, timer),
        time_s=None if timer is None else float(timer.time_elapsed()),
    )


def _ended_by(trainer: Any, epochs: int, timer: Any) -> str:
    if trainer.should_stop and any(map(_has_stopped, trainer.early_stopping_callbacks)):
        return EARLY_STOPPING
    remaining_s = None if timer is None else timer.time_remaining()
    if remaining_s is not None and remaining_s <= 0:
        return TIME
    if trainer.should_stop:
        return CALLBACK
    if 0 < trainer.max_steps <= trainer.global_step:
        return STEPS
    return EPOCHS if 0 <= (trainer.max_epochs or 0) <= epochs else UNENDED


def _has_stopped(early_stopping: Any) -> bool:
    # Lightning's `stopped_epoch` is 0 both for "not stopped" and for "in the first epoch", in which a threshold may be
    # reached; newer versions of Lightning record the reason
    has_waited = early_stopping.wait_count >= early_stopping.patience
    reason = getattr(early_stopping, "stopping_reason_message", None)
    return bool(early_stopping.stopped_epoch) or has_waited or reason is not None


def _timer(trainer: Any) -> Any:
    """Lightning's `Timer`, which `max_time` adds, recognised by its methods."""
    return next((callback for callback in trainer.callbacks if hasattr(callback, "time_remaining")), None)
