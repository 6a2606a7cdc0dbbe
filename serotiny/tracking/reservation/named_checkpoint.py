"""Which of a run's checkpoints `test` and `predict` use when the user names one, and their refusal where it has none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from serotiny.diagnostics import Diagnostic
from serotiny.tracking.checkpoint_record import BEST, CheckpointRecord
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.session import AskedRun, CheckpointSource


def names_meant(word: str, monitors: Mapping[str, str | None]) -> tuple[str, ...]:
    """The names of the checkpoints that a word of the user's means.

    Args:
        word: `last`, `best` (by the only monitored metric), or a file name with or without `.ckpt`.
        monitors: the run's checkpoints by their names without `.ckpt`, with the metric by which each is the best.

    Returns:
        One name; none if there is no such checkpoint; several if `best` is ambiguous.
    """
    name = word.removesuffix(".ckpt")
    if name in monitors:
        return (name,)
    if name != BEST:
        return ()
    return tuple(sorted(name for name, metric in monitors.items() if metric and not _is_runner_up(name)))


def records_meant(which: str, records: Iterable[CheckpointRecord]) -> list[CheckpointRecord]:
    """The records of the checkpoints that a word of the user's, or an artifact's path, means; as `names_meant`."""
    word = os.path.basename(which)  # noqa: PTH119  # an artifact path, not a file
    named = {Path(record.path).stem: record for record in records}
    return [
        named[name] for name in names_meant(word, {name: record.monitor for name, record in named.items()})
    ]


def source_named(word: str, sources: Sequence[CheckpointSource]) -> CheckpointSource | None:
    """The checkpoint that a word of the user's means; None if there is no such one, or several."""
    names = names_meant(word, _monitors(sources))
    if len(names) != 1:
        return None
    return next(source for source in sources if _name_of(source) == names[0])


def refused_evaluation(
    asked: AskedRun,
    run: RunRecord,
    sources: Sequence[CheckpointSource],
    has_artifact: Callable[[str], bool],
) -> Diagnostic | None:
    """SER407 if a run has no checkpoint to test or to predict with, not the one that is named, or not its file any more.

    Args:
        asked: the request of a `test` or `predict`.
        run: the run there is.
        sources: its checkpoints.
        has_artifact: whether a path is among the run's artifacts.
    """
    if asked.ckpt_path is None and not sources:
        return refusals.no_checkpoint(run, asked.operation)
    if fault := refused_name(asked, run.name, sources):
        return fault
    wanted = _wanted(asked.ckpt_path, sources)
    if not wanted or any(source.artifact is None or has_artifact(source.artifact) for source in wanted):
        return None
    return refusals.checkpoint_gone(run, wanted[0].name)


def refused_name(
    asked: AskedRun, run_name: str | None, sources: Sequence[CheckpointSource]
) -> Diagnostic | None:
    """SER407 if the named checkpoint is neither a file nor one of the run's.

    Args:
        asked: the request of a `test` or `predict`.
        run_name: the name of the run there is; None for one that is made for the job.
        sources: the run's checkpoints.
    """
    given = asked.ckpt_path
    if given is None or "/" in given:
        return None
    monitors = _monitors(sources)
    names = names_meant(given, monitors)
    if len(names) > 1:
        return refusals.several_best(run_name or "", names)
    if names or (asked.project_root / given).is_file():
        return None
    if run_name is None:
        return refusals.no_checkpoint_file(given)
    known = sorted(monitors)
    if names_meant(BEST, monitors):
        known = [BEST, *known]
    return refusals.no_checkpoint_named(run_name, given, known)


def _wanted(given: str | None, sources: Sequence[CheckpointSource]) -> Sequence[CheckpointSource]:
    """Those of the run's checkpoints of which one is to be used; none where a file is named."""
    if given is None:
        return sources
    named = None if "/" in given else source_named(given, sources)
    return () if named is None else (named,)


def _monitors(sources: Sequence[CheckpointSource]) -> dict[str, str | None]:
    return {_name_of(source): source.monitor for source in sources}


def _name_of(source: CheckpointSource) -> str:
    return source.name.removesuffix(".ckpt")


def _is_runner_up(name: str) -> bool:
    """Whether it is `best-METRIC-2` and so on, the next best ones."""
    head, _, tail = name.rpartition("-")
    return tail.isdigit() and head.startswith("best-")
