"""Find out what a job would do with a run name, without writing anything; for `check --runs`.

Plain http stores are queried by REST with the standard library, since importing mlflow takes 1.4 s, and a whole
check 0.3 s. All other stores are queried through MLflow's client.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig, OnExisting
from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.earlier_starts import config_before, has_ended_here, journals_of, once_sent
from serotiny.tracking.errors import deleted_experiment
from serotiny.tracking.mlflow.http.rest import NotPlainError, RestConnection, RestError, understood
from serotiny.tracking.mlflow.name_filters import PAGE, search_names
from serotiny.tracking.mlflow.run_document import read_run, record_of, text_of
from serotiny.tracking.mlflow.session import checkpoints_of
from serotiny.tracking.mlflow.store import check_alive, open_client, resolve_tracking_uri, sqlite_file
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.named_checkpoint import refused_evaluation, refused_name
from serotiny.tracking.reservation.refusals import faults_of_names
from serotiny.tracking.reservation.resumption import judge_resumption
from serotiny.tracking.reservation.run_record import (
    NameState,
    RunRecord,
    runs_of,
    state_of_name,
    state_of_run,
)
from serotiny.tracking.session import AskedRun, CheckpointSource, Finished, Refusal

if TYPE_CHECKING:
    from serotiny.tracking.mlflow.stored_run import StoredConfigs

Config = Mapping[str, Any]

_TIMEOUT_S = 10.0


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


class _Finder(Protocol):
    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]: ...

    def get(self, run_id: str) -> RunRecord | None: ...

    def other_experiment(self, run: RunRecord) -> str | None: ...

    def config(self, run: RunRecord) -> Config | None: ...

    def close(self) -> None: ...


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
    with contextlib.closing(_finder(settings, root)) as finder:
        here = _Here(root, finder)
        if settings.run_id is not None and settings.tracking_uri is not None:
            run = finder.get(settings.run_id)
            return [_report_of_run(settings, item, run, here) for item in asked]
        found = finder.find(sorted(name for name in names if not faults_of_names(settings, name)))
        return [_report(settings, item, found, here) for item in asked]


@dataclass(frozen=True, slots=True)
class _Here:
    """What is known on this machine of the runs in the store, from the folders of their starts."""

    root: Path
    finder: _Finder

    def started_with(self, run: RunRecord) -> Config | None:
        """The config that a run was last started with."""
        return config_before(run, journals_of(run, self.root), lambda: self.finder.config(run))

    def checkpoints(self, run: RunRecord) -> list[CheckpointSource]:
        """The run's checkpoints, stored or in its folders here."""
        return checkpoints_of(run, journals_of(run, self.root))

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
    if name is None or settings.tracking_uri is None:
        return _report_of_new(settings, asked)
    runs, unsent = here.once_sent(found[name])
    return report_of(
        settings, asked, runs, started_with=here.started_with, checkpoints=here.checkpoints, unsent=unsent
    )


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
        return _refused("", NameState.FREE, refusals.no_such_run(settings.run_id or ""))
    actual = here.finder.other_experiment(run)
    if actual is not None:
        fault = refusals.elsewhere(run, settings.experiment_name, actual)
        return _refused(run.name, NameState.FREE, fault, run)
    if not run.is_ours and asked.operation == "train":
        note = f"run {run.run_id} ({run.status}), which another tool made, is trained into"
        return NameReport(name=run.name, action=Action.RESUME, state=NameState.FOREIGN, note=note, run=run)
    runs, unsent = here.once_sent([run])
    return report_of(
        settings, asked, runs, started_with=here.started_with, checkpoints=here.checkpoints, unsent=unsent
    )


def report_of(
    settings: MlflowConfig,
    asked: AskedRun,
    found: Sequence[RunRecord],
    *,
    started_with: Callable[[RunRecord], Config | None],
    checkpoints: Callable[[RunRecord], Sequence[CheckpointSource]],
    unsent: str = "",
) -> NameReport:
    """The report on a name, from all runs with that name.

    Args:
        settings: `on_existing` and `on_drift`.
        asked: the request of a job with that name.
        found: all runs and claims with that name.
        started_with: returns the config that a run was last started with; None if it is not known.
        checkpoints: returns the checkpoints of a run.
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
        fault = refused_evaluation(asked, run, checkpoints(run))
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
    return NameReport(name=name, action=action, state=state, note=note, run=run)


def _refused(
    name: str, state: NameState | None, fault: Diagnostic, run: RunRecord | None = None
) -> NameReport:
    return NameReport(
        name=name, action=Action.REFUSE, state=state, note=fault.message, run=run, diagnostic=fault
    )


def _held(asked: AskedRun, run: RunRecord, state: NameState) -> Diagnostic | None:
    """Why nobody may have the run, whatever its config."""
    if state in {NameState.CLAIMED, NameState.ALIVE}:
        return refusals.alive(run)
    return None if run.is_ours or asked.operation != "train" else refusals.foreign(run)


def _run_note(run: RunRecord) -> str:
    return f"run {run.run_id} ({run.status})"


def _finder(settings: MlflowConfig, root: Path) -> _Finder:
    if settings.tracking_uri is None:
        return _Nothing()
    uri = resolve_tracking_uri(settings.tracking_uri, root)
    file = sqlite_file(uri)
    if file is not None and not file.exists():
        return _Nothing()
    check_alive(uri)
    try:
        return _RestFinder(RestConnection(uri, _TIMEOUT_S), uri, settings.experiment_name)
    except NotPlainError:
        return _ClientFinder(uri, settings.experiment_name)


class _Nothing:
    """Stands for a store that does not exist yet, or none at all: every name is free."""

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        return {name: [] for name in names}

    def get(self, run_id: str) -> RunRecord | None:  # noqa: ARG002  # any run
        return None

    def other_experiment(self, run: RunRecord) -> str | None:  # noqa: ARG002  # there is none
        return None

    def config(self, run: RunRecord) -> Config | None:  # noqa: ARG002  # any run
        return None

    def close(self) -> None:
        return None


class _RestFinder:
    """Searches by REST: `experiments/get-by-name` once, and a few `runs/search`."""

    def __init__(self, connection: RestConnection, uri: str, experiment_name: str) -> None:
        self._connection = connection
        self._uri = uri
        try:
            answer = connection.get("experiments/get-by-name", {"experiment_name": experiment_name})
        except RestError as error:
            if error.code != "RESOURCE_DOES_NOT_EXIST":
                raise
            self._experiment_id: str | None = None
            return
        with understood(uri):
            found = answer["experiment"]
            self._experiment_id = text_of(found["experiment_id"])
            is_active = found.get("lifecycle_stage", "active") == "active"
        if not is_active:
            connection.close()
            raise deleted_experiment(experiment_name, text_of(found["experiment_id"]))

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        if self._experiment_id is None:
            return {name: [] for name in names}
        return search_names(names, self._page)

    def _page(self, condition: str, token: str | None) -> tuple[list[RunRecord], str | None]:
        question: dict[str, Any] = {
            "experiment_ids": [self._experiment_id],
            "filter": condition,
            "max_results": PAGE,
            "order_by": ["attributes.start_time ASC"],
        } | ({"page_token": token} if token else {})
        answer = self._connection.post("runs/search", json.dumps(question).encode())
        with understood(self._uri):
            following = answer.get("next_page_token")
            return [record_of(run) for run in answer.get("runs", ())], text_of(
                following
            ) if following else None

    def get(self, run_id: str) -> RunRecord | None:
        return read_run(self._connection, self._uri, run_id)

    def other_experiment(self, run: RunRecord) -> str | None:
        if run.experiment_id in {"", self._experiment_id}:
            return None
        answer = self._connection.get("experiments/get", {"experiment_id": run.experiment_id})
        with understood(self._uri):
            return text_of(answer["experiment"]["name"])

    def config(self, run: RunRecord) -> Config | None:
        return self._configs.trained_with(run.run_id)

    @cached_property
    def _configs(self) -> StoredConfigs:
        from serotiny.tracking.mlflow.stored_run import StoredConfigs

        # by MLflow's own client, since artifacts may lie anywhere
        return StoredConfigs(open_client(self._uri), self._uri)

    def close(self) -> None:
        self._connection.close()


class _ClientFinder:
    def __init__(self, uri: str, experiment_name: str) -> None:
        from serotiny.tracking.mlflow.registry import MlflowRegistry
        from serotiny.tracking.mlflow.retries import retried
        from serotiny.tracking.mlflow.stored_run import StoredConfigs

        client = open_client(uri)
        self._configs = StoredConfigs(client, uri)
        experiment = retried(uri, lambda: client.get_experiment_by_name(experiment_name))
        if experiment and experiment.lifecycle_stage != "active":
            raise deleted_experiment(experiment_name, experiment.experiment_id)
        self._registry = MlflowRegistry(client, experiment.experiment_id if experiment else "")
        self._is_there = experiment is not None

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        return self._registry.search_names(names) if self._is_there else {name: [] for name in names}

    def get(self, run_id: str) -> RunRecord | None:
        return self._registry.get(run_id)

    def other_experiment(self, run: RunRecord) -> str | None:
        return self._registry.other_experiment(run)

    def config(self, run: RunRecord) -> Config | None:
        return self._configs.trained_with(run.run_id)

    def close(self) -> None:
        return None
