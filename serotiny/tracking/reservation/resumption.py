"""Decide whether an ended run is continued: whether something is left to train, and which differences are allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from serotiny.schemas.mlflow import MlflowConfig, OnDrift, OnExisting
from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import recorded_checkpoints
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.drift import drift_between, training_is_longer
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.reservation.training import Trained
from serotiny.tracking.session import Finished, Refusal


@dataclass(frozen=True, slots=True)
class GoOn:
    """The run is continued.

    Attributes:
        notes: the differences, a sentence each.
        has_drifted: whether values differ that are not among those that may differ on resume.
    """

    notes: tuple[str, ...] = ()
    has_drifted: bool = False


def judge_resumption(
    settings: MlflowConfig,
    run: RunRecord,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
    identity: str,
    job_keys: Collection[str] = (),
) -> GoOn | Finished | Refusal:
    """Decide what `train` does with an ended run of serotiny's with the requested name.

    Args:
        settings: `on_existing` and `on_drift`.
        run: the run in the store.
        old: the config that it was last started with, if that is known.
        new: the config of the request.
        identity: the identity of the new config.
        job_keys: keys whose values differ from job to job.

    Returns:
        `GoOn` to continue it; `Finished` if nothing is left to train; `Refusal` with SER403, SER404 or SER406.
    """
    has_finished = run.status == "FINISHED"
    if settings.on_existing is OnExisting.ERROR:
        return Refusal((refusals.taken(run, finished=has_finished),))
    if settings.on_existing is OnExisting.SKIP:
        return replace(_finished(run, _why_skipped(run)), is_skipped=True)
    changes = drift_between(old, new, job_keys) if old is not None else []
    forbidden = [change for change in changes if not change.allowed]
    unknown = old is None and _has_trained(run) and run.tags.get(layout.TAG_IDENTITY) not in {None, identity}
    if (forbidden or unknown) and settings.on_drift is OnDrift.ERROR:
        return Refusal((refusals.drift(run, forbidden),))
    trained = Trained.from_json(run.tags.get(layout.TAG_TRAINED))
    if has_finished and not forbidden and not _is_more_asked(trained, old, new):
        how = f": {trained.described()}" if trained is not None and trained.was_stopped else ""
        return _finished(run, f"has finished{how}; nothing is left to train")
    return GoOn(tuple(f"resumed with {change}" for change in changes), bool(forbidden or unknown))


def _why_skipped(run: RunRecord) -> str:
    """What is there, and how to go on with what has not finished."""
    if run.status == "FINISHED":
        return f"exists ({run.status}) and is skipped"
    how = "has failed" if run.status == "FAILED" else "was interrupted"
    if run.status in {"RUNNING", "SCHEDULED"}:
        how = f"was left {run.status} by a process that is gone"
    return f"{how}, and is skipped; to go on with it: `++mlflow.on_existing=resume`"


def _finished(run: RunRecord, why: str) -> Finished:
    return Finished(run.run_id, run.name, f"run `{run.name}` {why}", run.metrics)


def _has_trained(run: RunRecord) -> bool:
    """Whether the run has any training; a run that was killed at its start has not, so its config may differ."""
    return bool(run.metrics or layout.TAG_TRAINED in run.tags or list(recorded_checkpoints(run.tags)))


def _is_more_asked(trained: Trained | None, old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    if trained is not None:
        return trained.is_less_than(new.get("trainer") or {})
    return old is not None and training_is_longer(old, new)  # a run of an earlier version
