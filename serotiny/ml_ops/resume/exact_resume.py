"""Write a checkpoint after each epoch from which a run is resumed exactly, bit by bit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader

from serotiny.diagnostics import JobError
from serotiny.ml_ops.ranks.control_group import ControlGroup
from serotiny.ml_ops.resume.epoch_results import (
    capture_monitored,
    capture_results,
    restore_monitored,
    restore_results,
)
from serotiny.ml_ops.resume.kept_checkpoints import move_kept
from serotiny.ml_ops.resume.random_state import (
    capture_generators,
    capture_random_state,
    restore_generators,
    restore_random_state,
)
from serotiny.ml_ops.resume.replayed_loader import ReplayPoint
from serotiny.ml_ops.resume.stamp import STATE_KEY, RunStamp, trained_of
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.ml_ops.resume.training_end import is_within_epoch, training_so_far
from serotiny.ml_ops.resume.validation_break import ValidationBreak, as_if_not_begun

STATE_FORMAT = 2

_log = logging.getLogger(__name__)


class ExactResume:
    """Writes `last.ckpt` between epochs, and on request within an epoch; restores random states on resume.

    It must be the first of the trainer's callbacks. It writes between epochs, that is in the next epoch's
    `on_train_epoch_start` or in `on_train_end`, before any other callback's, since only then is everything of the
    epoch done. In `on_train_epoch_end`, where checkpoints are commonly written, plateau schedulers have not stepped
    yet and the epoch's own metrics are not logged: a process killed just after would resume without either. The
    checkpoint says "at the end of epoch n", so that Lightning begins epoch n + 1 with all of its hooks.

    With several processes (DDP) the checkpoint contains the random states of all, and each restores its own; they
    stop after the same batch, whichever of them has received the signal.
    """

    def __init__(
        self,
        path: Path | None,
        point: ReplayPoint,
        stop: StopRequest,
        stamp: RunStamp,
        group: ControlGroup,
        on_saved: Callable[[Any, Path], None],
    ) -> None:
        """Connect the callback to the rest of the job.

        Args:
            path: the path of `last.ckpt`, which is replaced at each write. None to write no checkpoint.
            point: shared with the training loader.
            stop: the request to stop, which is checked between batches.
            stamp: the identity of the run.
            group: the job's processes.
            on_saved: called with the trainer and the path after each write, on rank 0.
        """
        self._stamp = stamp
        self._path = path
        self._point = point
        self._stop = stop
        self._group = group
        self._on_saved = on_saved
        self._restored: dict[str, Any] | None = None
        self._saved_epochs = 0
        self._stops_before_batch = False
        self._after_last_step: dict[str, Any] | None = None
        self._ends_within_epoch = False
        self._validation: ValidationBreak | None = None
        self._breaks_validation = False
        self._results: dict[str, Any] = {}
        self._monitored: dict[str, Any] = {}

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        self._group.join(trainer.world_size)

    # Saving

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        self._point.epoch = trainer.fit_loop.epoch_progress.current.processed
        if self._restored is not None:
            self._restore_between_epochs(trainer, self._restored)
            self._restored = None
        self._save_between_epochs(trainer)
        self._note(self._group.largest(self._stop.signal_number or 0))
        self._stop.raise_if_requested()

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        # Lightning would not step schedulers with a metric at the end of an epoch that was resumed
        trainer.fit_loop._restarting = False
        # A limit of steps or time, or a callback, may end the training within an epoch. Lightning then runs the epoch's
        # end. To resume the epoch later, the number of batches that were trained on has to be recorded.
        if is_within_epoch(trainer):
            self._ends_within_epoch = True
            self._stops_before_batch = (
                False  # there is no next batch: this one was also the last one by a limit
            )
            self._save(trainer)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        if not self._ends_within_epoch:
            self._save_between_epochs(trainer)
        self._note(self._group.largest(self._stop.signal_number or 0))
        self._stop.raise_if_requested()

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        agreed = self._group.largest_so_far(self._stop.signal_number or 0)
        if 0 < trainer.max_steps <= trainer.global_step:
            self._after_last_step = capture_random_state()
        elif agreed and _can_stop_after(trainer, batch_idx):
            self._note(agreed)
            self._stops_before_batch = self._point.is_asked = True

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        self._point.before_validation = None
        # here, and not at the end of the previous batch, whose metrics are logged only after that
        if self._stops_before_batch:
            self._save(trainer)
            self._stop.raise_if_requested()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        if not trainer.sanity_checking and trainer.state.fn == "fit":
            self._validation = ValidationBreak(trainer, pl_module, self._group)

    def on_validation_batch_end(self, trainer: Any, *_: Any) -> None:
        if trainer.sanity_checking:
            self._stop.raise_if_requested()
        elif self._validation is not None and self._validation.is_possible:
            agreed = self._group.largest_so_far(self._stop.signal_number or 0)
            if agreed and not self._group.largest(not self._validation.weights_are_the_same()):
                self._note(agreed)
                self._breaks_validation = True
                self._save(trainer)
                self._stop.raise_if_requested()

    def _note(self, signal_number: int) -> None:
        if signal_number:
            self._stop.note(signal_number)

    def _save_between_epochs(self, trainer: Any) -> None:
        epochs = trainer.fit_loop.epoch_progress.current.processed
        if epochs > self._saved_epochs:
            self._save(trainer)
            self._saved_epochs = epochs

    def _save(self, trainer: Any) -> None:
        if self._path is None:
            return
        trainer.save_checkpoint(self._path)
        if trainer.is_global_zero:
            self._on_saved(trainer, self._path)

    def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        epochs = checkpoint["loops"]["fit_loop"]["epoch_progress"]
        batches = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
        is_between = not self._stops_before_batch and _is_between_epochs(epochs["current"])
        if self._breaks_validation:
            as_if_not_begun(checkpoint["loops"])
        elif self._stops_before_batch:
            # the last batch was only fetched, and is still to be trained on
            for progress in (batches["current"], batches["total"]):
                progress["ready"] = progress["started"]
            batches["is_last_batch"] = False
        elif self._ends_within_epoch:
            for progress in (epochs["current"], epochs["total"]):
                progress["processed"] = progress["completed"]
            checkpoint["epoch"] = epochs["current"]["completed"]
        elif is_between:
            for progress in (epochs["current"], epochs["total"]):
                progress["ready"] = progress["started"]
                progress["completed"] = progress["processed"] - 1
            checkpoint["epoch"] = epochs["current"]["completed"]
        own = {
            "random": self._random_to_go_on_with(),
            "generators": self._generators_to_go_on_with(trainer),
            "random_at_iter": self._point.at_iter,
            "generators_at_iter": self._point.generators_at_iter,
            "random_at_first_batch": self._point.at_first_batch,
            "random_at_restarts": self._point.at_restarts,
            "in_validation": self._breaks_validation,
            "results": {} if is_between else capture_results(trainer),
            "monitored": capture_monitored(trainer),
        }
        ranks = self._group.gather(own)
        checkpoint[STATE_KEY] = {
            "format": STATE_FORMAT,
            "run": self._stamp.as_state(),
            "trained": training_so_far(trainer).as_state(),
            "folder": str(self._path.parent) if self._path is not None else None,
            **ranks[0],
            "other_ranks": ranks[1:],
        }

    def _random_to_go_on_with(self) -> dict[str, Any]:
        known = None
        if self._breaks_validation:
            known = self._point.before_validation
        elif self._stops_before_batch:
            known = self._point.before_next_batch
        elif self._ends_within_epoch:
            # a limit of time makes Lightning run a validation that would not be due
            known = self._after_last_step or self._point.before_validation
        return known or capture_random_state()

    def _generators_to_go_on_with(self, trainer: Any) -> list[Any]:
        if self._stops_before_batch:
            return self._point.generators_before_next_batch
        loader = trainer.fit_loop._combined_loader
        return capture_generators(loader.flattened) if loader is not None else []

    # Resuming

    def on_load_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        state = checkpoint.get(STATE_KEY)
        if trainer.state.fn != "fit" or "loops" not in checkpoint:
            return
        epochs = checkpoint["loops"]["fit_loop"]["epoch_progress"]["current"]
        batches = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
        self._saved_epochs = epochs["processed"]
        trained = trained_of(checkpoint)
        if trained is not None and trained.was_stopped and not self._stamp.has_drifted:
            # A callback had stopped the training, and the job died afterwards. Lightning would train one more epoch
            # before the callback stopped it again.
            trainer.should_stop = True
        if self._path is not None:
            old = state.get("folder") if state is not None else None
            move_kept(trainer.callbacks, checkpoint.get("callbacks", {}), old, self._path.parent)
        if state is None:
            return
        is_between_epochs = epochs["ready"] == epochs["started"] == epochs["processed"]
        own = _of_rank(state, trainer.global_rank, trainer.world_size)
        if own is None:
            written_by = 1 + len(state.get("other_ranks", []))
            if not is_between_epochs:
                raise OtherProcessesError(written_by, trainer.world_size)
            if trainer.is_global_zero:
                _log.warning(
                    "the checkpoint was written by %d processes, and %d go on: the samples are distributed anew, and "
                    "random numbers are others than without the interruption",
                    written_by,
                    trainer.world_size,
                )
            return
        self._monitored = own.get("monitored", {})
        if is_between_epochs:
            self._restored = own
            return
        is_known = state["format"] == STATE_FORMAT
        self._results = own["results"] if is_known else {}
        self._point.epoch = epochs["processed"]
        self._point.at_iter = own["random_at_iter"]
        self._point.generators_at_iter = own["generators_at_iter"]
        self._point.at_first_batch = own.get("random_at_first_batch")
        self._point.at_restarts = own.get("random_at_restarts", {})
        self._point.generators_afterwards = own["generators"]
        self._point.batches = 0 if batches["is_last_batch"] else batches["current"]["processed"]
        if own.get("in_validation"):
            self._point.validate_from = own["random"]
        else:
            self._point.afterwards = own["random"]

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._stop.install()
        fit_loop = trainer.fit_loop
        for name in (
            unrepeatable_loaders(fit_loop._combined_loader.flattened) if trainer.is_global_zero else ()
        ):
            _log.warning(
                "the training loader `%s` is no torch DataLoader: it may give other batches when the run is resumed",
                name,
            )
        restore_results(trainer, pl_module, self._results)
        restore_monitored(trainer, pl_module, self._monitored)
        if self._restored is None:
            return
        # On resume Lightning makes the training iterator before the hooks of the new epoch (Lightning #21938). Once the
        # loops do not count as resumed it makes it again, in the order of an uninterrupted run. With `max_steps` it
        # would also run the end of the finished epoch a second time.
        if fit_loop.restarting:
            fit_loop.epoch_progress.increment_completed()
        for loop in (fit_loop, fit_loop.epoch_loop, fit_loop.epoch_loop.val_loop):
            loop.on_iteration_done()

    def _restore_between_epochs(self, trainer: Any, state: dict[str, Any]) -> None:
        restore_generators(trainer.fit_loop._combined_loader.flattened, state["generators"])
        restore_random_state(state["random"])

    # Stopping outside of training

    def on_sanity_check_start(self, trainer: Any, pl_module: Any) -> None:
        self._stop.install()

    def on_test_start(self, trainer: Any, pl_module: Any) -> None:
        self._stop.install()

    def on_predict_start(self, trainer: Any, pl_module: Any) -> None:
        self._stop.install()

    def on_test_batch_end(self, *_: Any) -> None:
        self._stop.raise_if_requested()

    def on_predict_batch_end(self, *_: Any) -> None:
        self._stop.raise_if_requested()


class OtherProcessesError(JobError):
    """A checkpoint within an epoch was written by another number of processes."""

    def __init__(self, written_by: int, world_size: int) -> None:
        super().__init__(
            f"the checkpoint was written in mid-epoch by {written_by} process(es), and {world_size} cannot tell which "
            f"samples are left: go on with {written_by} (`trainer.devices`, `trainer.num_nodes`) until the epoch ends"
        )


def _of_rank(state: dict[str, Any], rank: int, world_size: int) -> dict[str, Any] | None:
    """The state of this process, if the number of processes is that of the checkpoint; otherwise None."""
    ranks = [state, *state.get("other_ranks", [])]
    return ranks[rank] if len(ranks) == world_size else None


def unrepeatable_loaders(loaders: Iterable[Any]) -> list[str]:
    """The classes of the loaders whose order does not depend only on random states that we can restore."""
    return [type(loader).__name__ for loader in loaders if not isinstance(loader, DataLoader)]


def _is_between_epochs(progress: dict[str, int]) -> bool:
    return progress["started"] == progress["processed"] == progress["completed"] > 0


def _can_stop_after(trainer: Any, batch_idx: int) -> bool:
    """Whether a checkpoint after this batch is complete.

    It is not while gradients are accumulated, since they would be lost, nor before a validation, which Lightning
    would skip on resume. After the epoch's last batch, the checkpoint between epochs follows anyhow.
    """
    done = batch_idx + 1
    if trainer.is_last_batch or done % trainer.accumulate_grad_batches:
        return False
    every = trainer.val_check_batch
    return not (isinstance(every, int) and every > 0 and done % every == 0)
