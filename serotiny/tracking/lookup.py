"""Find out what a job would do with a run name, without writing anything; for `check --runs`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig, OnExisting
from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.earlier_starts import config_before, has_ended_here, journals_of, once_sent
from serotiny.tracking.local_session import judge_local
from serotiny.tracking.mlflow.run_finder import Config, RunFinder, open_finder
from serotiny.tracking.mlflow.session import checkpoints_of
from serotiny.tracking.reservation import named_checkpoint, refusals
from serotiny.tracking.reservation.named_checkpoint import refused_name
from serotiny.tracking.reservation.refusals import faults_of_names
from serotiny.tracking.reservation.resumption import judge_resumption
from serotiny.tracking.reservation.run_record import (
    NameState,
    RunRecord,
    runs_of,
    state_of_name,
    state_of_run,
)
from serotiny.tracking.run_folder.judgement import foreseen, in_the_way
from serotiny.tracking.run_folder.owner_file import FINISHED, FolderOwner, Occupant
from serotiny.tracking.session import FROM_THE_START, AskedRun, Finished, Refusal


class Action(StrEnum):
    """What the job would do."""

    CREATE = "create"
    RESUME = "resume"
    CONTINUE_IF_LONGER = "nothing, unless max_epochs is raised"
    SKIP = "skip"
    USE = "use"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReport:
    """The state of one name, and what the job would do with it.

    Attributes:
        note: the run and its start, as text for the user.
        run: the run that has the name, if there is exactly one.
        diagnostic: SER401, or SER403 to SER407, when the action is REFUSE.
    """

    name: str
    action: Action
    state: NameState | None
    note: str
    run: RunRecord | None = None
    diagnostic: Diagnostic | None = None


def look_up(settings: MlflowConfig, asked: Sequence[AskedRun], root: Path) -> list[NameReport]:
    """What each job would do now with the run that it asks for.

    The config of an existing run is fetched only if its identity differs from the requested one.

    Args:
        settings: `tracking_uri` and `experiment_name` select the store and experiment; a `run_id` selects one run,
            whatever its name.
        asked: the requests of jobs with these settings.
        root: the folder that a relative sqlite file is relative to; a missing file is not created.

    Raises:
        TrackingError: the store cannot be reached within seconds, the experiment was deleted, or the config of a
            run cannot be read.
    """
    names = {item.run_name for item in asked if item.run_name is not None}
    with contextlib.closing(open_finder(settings, root)) as finder:
        here = _Here(root, finder)
        if settings.run_id is not None and settings.tracking_uri is not None:
            run = finder.get(settings.run_id)
            reports = [_report_of_run(settings, item, run, here) for item in asked]
        else:
            found = finder.find(sorted(name for name in names if not faults_of_names(settings, name)))
            reports = [_report(settings, item, found, here) for item in asked]
    return [_in_its_folder(settings, item, report) for item, report in zip(asked, reports, strict=True)]


@dataclass(frozen=True, slots=True)
class _Here:
    """What is known on this machine of the runs in the store, from the folders of their starts."""

    root: Path
    finder: RunFinder

    def started_with(self, run: RunRecord) -> Config | None:
        """The config that a run was last started with."""
        return config_before(run, journals_of(run, self.root), lambda: self.finder.config(run))

    def refused_evaluation(self, asked: AskedRun, run: RunRecord) -> Diagnostic | None:
        """SER407 if the run has no checkpoint, stored or in its folders here; a `train` would start over."""
        sources = checkpoints_of(run, journals_of(run, self.root))
        return named_checkpoint.refused_evaluation(
            asked, run, sources, partial(self.finder.has_artifact, run)
        )

    def once_sent(self, found: Sequence[RunRecord]) -> tuple[Sequence[RunRecord], str]:
        """The runs of a name as they will be once the job has sent what an earlier start had not, and what that is."""
        runs = runs_of(found)
        if len(runs) != 1:
            return found, ""
        run = runs[0]
        journals = journals_of(run, self.root)
        if state_of_run(run, now_ms()) is NameState.ALIVE and not has_ended_here(run, journals):
            return found, ""
        run, unsent = once_sent(run, journals)
        return [run], unsent


def _report(
    settings: MlflowConfig,
    asked: AskedRun,
    found: Mapping[str, Sequence[RunRecord]],
    here: _Here,
) -> NameReport:
    name = asked.run_name
    if faults := faults_of_names(settings, name):
        return _refused(name or "", None, faults[0])
    if settings.tracking_uri is None:
        return _report_without_store(settings, asked)
    if name is None:
        return _report_of_new(settings, asked)
    return _report_of_found(settings, asked, found[name], here)


def _report_of_found(
    settings: MlflowConfig, asked: AskedRun, found: Sequence[RunRecord], here: _Here
) -> NameReport:
    """The report on the runs that are there, as they will be once the job has sent what an earlier start had not."""
    runs, unsent = here.once_sent(found)
    return report_of(
        settings,
        asked,
        runs,
        started_with=here.started_with,
        refused_evaluation=here.refused_evaluation,
        unsent=unsent,
    )


def _in_its_folder(settings: MlflowConfig, asked: AskedRun, report: NameReport) -> NameReport:
    """The report, or SER409 where the job cannot have its folder, which it claims before all else."""
    path = asked.run_dir
    if path is None or faults_of_names(settings, asked.run_name):
        return report
    owner = foreseen(path, Occupant.of(settings, asked))
    fault = owner if isinstance(owner, Diagnostic) else None
    if settings.tracking_uri is not None and report.diagnostic is None and not isinstance(owner, Diagnostic):
        fault = in_the_way(path, owner, None if report.run is None else report.run.run_id)
    return report if fault is None else _refused(report.name, report.state, fault, report.run)


def _report_without_store(settings: MlflowConfig, asked: AskedRun) -> NameReport:
    """The report on a run that is recorded in the job's folder alone."""
    path, name = asked.run_dir, asked.run_name or ""
    owner = None if path is None else foreseen(path, Occupant.of(settings, asked))
    if path is None or not isinstance(owner, FolderOwner):
        return _report_of_new(settings, asked)
    state = NameState.FINISHED if owner.status == FINISHED else NameState.FAILED
    judged = judge_local(settings, asked, path, owner)
    if isinstance(judged, Refusal):
        return _refused(name, state, judged.diagnostics[0])
    action = Action.RESUME if asked.operation == "train" else Action.USE
    if isinstance(judged, Finished):
        action = Action.SKIP if judged.is_skipped else Action.CONTINUE_IF_LONGER
    note = f"{owner.described()} in {path} ({owner.status})"
    return NameReport(name=owner.run_name or name, action=action, state=state, note=note)


def _report_of_new(settings: MlflowConfig, asked: AskedRun) -> NameReport:
    """The report on a run that the job would make, with a name that is free or made when it starts."""
    name, operation = asked.run_name, asked.operation
    fault = None
    if operation != "train" and settings.tracking_uri is None and asked.ckpt_path is None:
        fault = refusals.no_checkpoint_here(operation)
    elif not asked.may_be_new and settings.tracking_uri is not None:
        nobodys = refusals.no_run_named(operation)
        fault = nobodys if name is None else refusals.nothing_to_resume(name, operation)
    elif operation != "train":
        fault = refused_name(asked, None, ())
    if fault is not None:
        return _refused(name or "", NameState.FREE, fault)
    note = "a name is made when it starts" if name is None else "the name is free"
    return NameReport(name=name or "", action=Action.CREATE, state=NameState.FREE, note=note)


def _report_of_run(settings: MlflowConfig, asked: AskedRun, run: RunRecord | None, here: _Here) -> NameReport:
    """The report on a run that is given by its id. Training into the run of another tool is allowed then."""
    if run is None:
        run_id = settings.run_id or ""
        return _refused("", NameState.FREE, refusals.no_such_run(run_id, here.finder.was_deleted(run_id)))
    actual = here.finder.other_experiment(run)
    if actual is not None:
        fault = refusals.elsewhere(run, settings.experiment_name, actual)
        return _refused(run.name, NameState.FREE, fault, run)
    if not run.is_ours and asked.operation == "train":
        note = f"run {run.run_id} ({run.status}), which another tool made, is trained into"
        return NameReport(name=run.name, action=Action.RESUME, state=NameState.FOREIGN, note=note, run=run)
    return _report_of_found(settings, asked, [run], here)


def report_of(
    settings: MlflowConfig,
    asked: AskedRun,
    found: Sequence[RunRecord],
    *,
    started_with: Callable[[RunRecord], Config | None],
    refused_evaluation: Callable[[AskedRun, RunRecord], Diagnostic | None],
    unsent: str = "",
) -> NameReport:
    """The report on a name, from all runs with that name.

    Args:
        settings: `on_existing` and `on_drift`.
        asked: the request of a job with that name.
        found: all runs and claims with that name.
        started_with: returns the config that a run was last started with; None if it is not known.
        refused_evaluation: returns why a run cannot be tested or predicted with, for want of a checkpoint.
        unsent: what the job sends first, as text for the user; `found` are the runs as they will be then.
    """
    name = found[0].name if found else asked.run_name or ""
    state = state_of_name(found, lambda _: now_ms())
    runs = runs_of(found)
    if state is NameState.FREE:
        return _report_of_new(settings, asked)
    if state is NameState.SEVERAL:
        return _refused(name, state, refusals.several(name, runs))
    run = runs[0] if runs else found[0]
    note = f"{_run_note(run)}; first sends {unsent}" if unsent else _run_note(run)
    held = _held(asked, run, state)
    if held is not None:
        return _refused(name, state, held, run)
    if asked.operation != "train":
        fault = refused_evaluation(asked, run)
        if fault is not None:
            return _refused(name, state, fault, run)
        return NameReport(name=name, action=Action.USE, state=state, note=note, run=run)
    is_same = run.tags.get(layout.TAG_IDENTITY) == asked.identity
    is_compared = settings.on_existing is OnExisting.RESUME and not is_same
    judged = judge_resumption(
        settings,
        run,
        old=started_with(run) if is_compared else asked.logged_config,
        new=asked.logged_config,
        identity=asked.identity,
        job_keys=asked.job_keys,
    )
    if isinstance(judged, Refusal):
        return _refused(name, state, judged.diagnostics[0], run)
    action = Action.RESUME
    if isinstance(judged, Finished):
        action = Action.SKIP if judged.is_skipped else Action.CONTINUE_IF_LONGER
        if judged.is_skipped and state is not NameState.FINISHED:
            note = f"{note}; {judged.reason}"
    elif asked.ckpt_path is None and refused_evaluation(asked, run) is not None:
        note = f"{note}; {FROM_THE_START}"
    return NameReport(name=name, action=action, state=state, note=note, run=run)


def _refused(
    name: str, state: NameState | None, fault: Diagnostic, run: RunRecord | None = None
) -> NameReport:
    return NameReport(
        name=name, action=Action.REFUSE, state=state, note=fault.message, run=run, diagnostic=fault
    )


def _held(asked: AskedRun, run: RunRecord, state: NameState) -> Diagnostic | None:
    """Why nobody may have the run, whatever its config."""
    if layout.is_sweep(run.tags):
        return refusals.of_sweep(run)
    if state in {NameState.CLAIMED, NameState.ALIVE}:
        return refusals.alive(run)
    return None if run.is_ours or asked.operation != "train" else refusals.foreign(run)


def _run_note(run: RunRecord) -> str:
    return f"run {run.run_id} ({run.status})"
