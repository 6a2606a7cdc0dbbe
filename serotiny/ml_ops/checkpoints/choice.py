"""Choose the checkpoint that a job resumes from or uses."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.checkpoints.file import CheckpointError, local_path, read_checkpoint
from serotiny.ml_ops.checkpoints.store import LAST, place_link
from serotiny.ml_ops.resume.stamp import epochs_of, owner_of_checkpoint, trained_of
from serotiny.tracking.reservation.named_checkpoint import source_named
from serotiny.tracking.reservation.training import Trained
from serotiny.tracking.session import CheckpointSource, RunSession

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


def checkpoint_to_resume(plan: Plan, session: RunSession, folder: Path) -> ChosenCheckpoint | None:
    """The newest complete checkpoint of the run that is resumed, or else the config's `ckpt_path`.

    Of several with the same step `last.ckpt` comes first, the only one that was written between epochs. An
    incomplete one is skipped with a warning. The run's other checkpoints are copied to the folder too, so that
    `ModelCheckpoint`s find the best ones.

    Raises:
        CheckpointError: `ckpt_path` cannot be used.
    """
    found = newest_whole(session.checkpoints(), session, folder)
    if found is not None:
        for file in found.path.parent.glob("[!.]*.ckpt"):
            if not (folder / file.name).exists():
                place_link(file, folder / file.name)
        return found
    given = plan.config.get("ckpt_path")
    return None if given is None else _local(str(given), plan)


def checkpoint_to_use(plan: Plan, session: RunSession, folder: Path) -> ChosenCheckpoint:
    """The checkpoint for `test` and `predict`: `ckpt_path`, or the last one of the trained run.

    `ckpt_path` is a local path, or names one of the run's checkpoints; one that names neither was refused when the
    run was opened.

    Raises:
        CheckpointError: there is none, or it cannot be used.
    """
    sources = session.checkpoints()
    given = plan.config.get("ckpt_path")
    if given is not None:
        named = None if "/" in str(given) else source_named(str(given), sources)
        return _local(str(given), plan) if named is None else _fetched(named, session, folder)
    found = newest_whole(
        [source for source in sources if source.name == LAST], session, folder
    ) or newest_whole(sources, session, folder)
    if found is None:
        raise CheckpointError(
            f"the run `{session.info.run_name}` has no whole checkpoint; name one with `++ckpt_path=PATH`"
        )
    return found


def newest_whole(
    sources: Sequence[CheckpointSource], session: RunSession, folder: Path
) -> ChosenCheckpoint | None:
    """The newest checkpoint that can be read and belongs to the run.

    Raises:
        CheckpointError: a checkpoint of another run is in the job's folder, where this run would overwrite it.
    """
    for source in sorted(sources, key=_age):
        file = session.fetch(source, folder)
        if file is None:
            continue
        try:
            found = ChosenCheckpoint.read(file)
        except CheckpointError as error:
            _log.warning("%s; passed over", error)
            continue
        if found.run_id in {"", session.info.run_id}:
            return found
        fault = f"{file} is a checkpoint of run `{found.run_name}` ({found.run_id})"
        if file.absolute().is_relative_to(session.info.run_dir) and source.artifact is None:
            raise CheckpointError(
                f"{fault}: move it away, or start from it with `++ckpt_path=…` in another folder"
            )
        _log.warning("%s; passed over", fault)
    return None


def _fetched(source: CheckpointSource, session: RunSession, folder: Path) -> ChosenCheckpoint:
    path = session.fetch(source, folder)
    if path is None:
        raise CheckpointError(f"the checkpoint `{source.name}` could not be fetched")
    return _whole(path)


def _local(given: str, plan: Plan) -> ChosenCheckpoint:
    return _whole(Path(plan.project_root) / local_path(given))


def _whole(path: Path) -> ChosenCheckpoint:
    try:
        return ChosenCheckpoint.read(path)
    except CheckpointError as error:
        raise _with_previous(error, path) from error


def _with_previous(error: CheckpointError, path: Path) -> CheckpointError:
    """The error, extended by the name of the newest complete checkpoint in the same folder."""
    others = [file for file in path.parent.glob("*.ckpt") if file != path] if path.is_file() else []
    for file in sorted(others, key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            read_checkpoint(file)
        except CheckpointError:
            continue
        return CheckpointError(f"{error}; the last whole one beside it is {file}")
    return error


def _age(source: CheckpointSource) -> tuple[int, bool]:
    return (-(source.step if source.step is not None else -1), source.name != LAST)
