"""Find the checkpoint files that a job may start from, and judge them before torch is imported."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serotiny.checkpoint_pickle import fault_of_checkpoint
from serotiny.compiler.plan.plan import Plan
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.checkpoints.store import LAST
from serotiny.tracking.checkpoint_record import is_whole_archive
from serotiny.tracking.reservation.named_checkpoint import source_named
from serotiny.tracking.session import CheckpointSource, RunSession

_log = logging.getLogger(__name__)


class CheckpointError(SerotinyError):
    """A checkpoint does not exist, is not complete, or contains more than plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file in which nothing has been found that torch cannot or must not read.

    Attributes:
        path: the file.
        source: the run's checkpoint that it holds; None for the one that the user named, which no other replaces.
    """

    path: Path
    source: CheckpointSource | None = None


def candidates(plan: Plan, session: RunSession, folder: Path) -> Iterator[Candidate]:
    """The checkpoints to start from, the first choice first, each fetched to `folder` when it is asked for.

    A training goes on from the run's newest one, or else starts from the config's `ckpt_path`; of several with the same
    step `last.ckpt` comes first, the only one that was written between epochs. `test` and `predict` use `ckpt_path`, a
    local path or the name of one of the run's, or else the run's last one; a name that is neither was refused when the
    run was opened. Of the run's, those that cannot or must not be read are passed over with a warning.

    Raises:
        CheckpointError: the one that the user named cannot be used, or there is none to test or to predict with.
    """
    sources = session.checkpoints()
    given = plan.config.get("ckpt_path")
    if plan.operation == "train":
        yield from _of_the_run(sorted(sources, key=_age), session, folder)
        if given is not None:
            yield _named(_local(str(given), plan))
    elif given is not None:
        named = None if "/" in str(given) else source_named(str(given), sources)
        file = _local(str(given), plan) if named is None else _fetched(named, session, folder)
        yield _named(file)
    else:
        ordered = sorted(sources, key=lambda source: (source.name != LAST, _age(source)))
        yield from _of_the_run(ordered, session, folder)


def no_whole_checkpoint(run_name: str) -> CheckpointError:
    """What a `test` or `predict` without any checkpoint that can be used says."""
    return CheckpointError(f"the run `{run_name}` has no whole checkpoint; name one with `++ckpt_path=PATH`")


def refuse_unreadable(path: Path) -> None:
    """Refuse a file that torch cannot or must not read, as far as that is seen without torch.

    Raises:
        CheckpointError: it does not exist, is no archive, or its pickle holds more than plain data.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}")
    if (fault := fault_of_checkpoint(path)) is not None:
        raise CheckpointError(f"{path} {fault}")


def local_path(path: str | Path) -> Path:
    """`path` as a local path.

    Raises:
        CheckpointError: it is a URL. Lightning would load such a file with `weights_only=False`.
    """
    if "://" in str(path):
        raise CheckpointError(f"`{path}` is not a local file; download the checkpoint and give its path")
    return Path(path).expanduser()


def with_previous(error: CheckpointError, path: Path) -> CheckpointError:
    """The error, extended by the name of the newest whole checkpoint in the same folder."""
    others = [file for file in path.parent.glob("*.ckpt") if file != path] if path.is_file() else []
    for file in sorted(others, key=lambda file: file.stat().st_mtime, reverse=True):
        if fault_of_checkpoint(file) is None and is_whole_archive(file):
            return CheckpointError(f"{error}; the last whole one beside it is {file}")
    return error


def _of_the_run(
    sources: Sequence[CheckpointSource], session: RunSession, folder: Path
) -> Iterator[Candidate]:
    for source in sources:
        file = session.fetch(source, folder)
        if file is None:
            continue
        try:
            refuse_unreadable(file)
        except CheckpointError as error:
            _log.warning("%s; passed over", error)
            continue
        yield Candidate(path=file, source=source)


def _named(path: Path) -> Candidate:
    try:
        refuse_unreadable(path)
    except CheckpointError as error:
        raise with_previous(error, path) from error
    return Candidate(path=path)


def _fetched(source: CheckpointSource, session: RunSession, folder: Path) -> Path:
    path = session.fetch(source, folder)
    if path is None:
        raise CheckpointError(
            f"the checkpoint `{source.name}` of run `{session.info.run_name}` could not be fetched, as was said before; "
            "put it back among the run's artifacts, or give a file: `++ckpt_path=FILE`"
        )
    return path


def _local(given: str, plan: Plan) -> Path:
    return Path(plan.project_root) / local_path(given)


def _age(source: CheckpointSource) -> tuple[int, bool]:
    return (-(source.step if source.step is not None else -1), source.name != LAST)
