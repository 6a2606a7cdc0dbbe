"""Choose the checkpoint that a job resumes from or uses."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from serotiny.ml_ops.checkpoints.candidates import Candidate, CheckpointError, with_previous
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.checkpoints.store import place_link
from serotiny.ml_ops.resume.stamp import epochs_of, owner_of_checkpoint, trained_of
from serotiny.tracking.reservation.training import Trained
from serotiny.tracking.session import RunSession

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenCheckpoint:
    """A complete checkpoint.

    Attributes:
        step, epoch: Lightning's `global_step` and `epoch`.
        epochs: the number of completed epochs by Lightning's own count.
        trained: how far the run was trained, if the checkpoint has this.
        run_id, run_name: the run that it belongs to; "" if it does not name one.
    """

    path: Path
    step: int
    epoch: int = 0
    epochs: int = 0
    trained: Trained | None = None
    run_id: str = ""
    run_name: str = ""

    @classmethod
    def read(cls, path: Path) -> ChosenCheckpoint:
        """Read the checkpoint in a file.

        Raises:
            CheckpointError: it is not complete.
        """
        checkpoint = read_checkpoint(path)
        try:
            owner = owner_of_checkpoint(checkpoint)
            return cls(
                path=path,
                step=int(checkpoint.get("global_step", 0)),
                epoch=int(checkpoint.get("epoch", 0)),
                epochs=epochs_of(checkpoint),
                trained=trained_of(checkpoint),
                run_id=owner.get("id", ""),
                run_name=owner.get("name", ""),
            )
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CheckpointError(f"{path} is not a Lightning checkpoint: {error}") from error


def choose(
    found: Iterable[Candidate], session: RunSession, *, goes_on_in: Path | None
) -> ChosenCheckpoint | None:
    """The first of the candidates that can be read and belongs to the run; the others are passed over with a warning.

    Args:
        found: the candidates, the first choice first.
        session: the run of the job.
        goes_on_in: the folder of a training's checkpoints, to which the others beside the chosen one of the run are
            linked, so that `ModelCheckpoint`s find the best ones; None for `test` and `predict`.

    Raises:
        CheckpointError: the one that the user named cannot be read, or a checkpoint of another run is in the job's
            folder, where this run would overwrite it.
    """
    for candidate in found:
        try:
            chosen = ChosenCheckpoint.read(candidate.path)
        except CheckpointError as error:
            if candidate.source is None:
                raise with_previous(error, candidate.path) from error
            _log.warning("%s; passed over", error)
            continue
        if candidate.source is None:
            return chosen
        if chosen.run_id in {"", session.info.run_id}:
            if goes_on_in is not None:
                _link_others(chosen.path, goes_on_in)
            return chosen
        fault = f"{chosen.path} is a checkpoint of run `{chosen.run_name}` ({chosen.run_id})"
        is_in_the_way = chosen.path.absolute().is_relative_to(session.info.run_dir)
        if is_in_the_way and candidate.source.artifact is None:
            raise CheckpointError(
                f"{fault}: move it away, or start from it with `++ckpt_path=…` in another folder"
            )
        _log.warning("%s; passed over", fault)
    return None


def _link_others(chosen: Path, folder: Path) -> None:
    for file in chosen.parent.glob("[!.]*.ckpt"):
        if not (folder / file.name).exists():
            place_link(file, folder / file.name)
