"""What `train` would do with a name, found out without writing anything; for `check --runs`.

Plain http stores are asked by REST with the standard library: importing mlflow costs 1.4 s, the whole of a
check 0.3 s. All other stores are asked through MLflow's client.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig, OnExisting
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import TrackingError, deleted_experiment
from serotiny.tracking.mlflow.name_filters import MOST_PAGES, PAGE, search_names
from serotiny.tracking.mlflow.rest import NotPlainError, RestConnection, RestError, understood
from serotiny.tracking.mlflow.store import check_alive, open_client, resolve_tracking_uri, sqlite_file
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.refusals import faults_of_names
from serotiny.tracking.reservation.run_record import NameState, RunRecord, runs_of, state_of_name

_TIMEOUT_S = 10.0


class Action(StrEnum):
    """What `train` would do."""

    CREATE = "create"
    RESUME = "resume"
    CONTINUE_IF_LONGER = "nothing, unless max_epochs is raised"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReport:
    """One name: its state, what `train` would do, and why not.

    Attributes:
        note: for people: which run, since when.
        run: what the name is known for, where there is one run.
        diagnostic: SER401, or SER403 to SER405, when the action is REFUSE.
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

    def close(self) -> None: ...


def look_up(settings: MlflowConfig, names: Sequence[str | None], root: Path) -> list[NameReport]:
    """What `train` would do with each name now. Whether a config has drifted is not looked at.

    Args:
        settings: `tracking_uri` and `experiment_name` say where; a `run_id` addresses one run, whatever the name.
        names: None stands for a name that is made when the job starts, which is always free.
        root: where a relative sqlite file is counted from; a file that is not there is not made.

    Raises:
        TrackingError: the store cannot be reached within seconds, or the experiment was deleted.
    """
    asked = {name for name in names if name is not None and not faults_of_names(settings, name)}
    with contextlib.closing(_finder(settings, root)) as finder:
        if settings.run_id is not None and settings.tracking_uri is not None:
            report = _report_of_run(settings.run_id, finder.get(settings.run_id), settings.on_existing)
            return [report for _ in names]
        found = finder.find(sorted(asked))
        return [_report(settings, name, found) for name in names]


def _report(settings: MlflowConfig, name: str | None, found: Mapping[str, Sequence[RunRecord]]) -> NameReport:
    if faults := faults_of_names(settings, name):
        return NameReport(
            name=name or "", action=Action.REFUSE, state=None, note=faults[0].message, diagnostic=faults[0]
        )
    if name is None:
        return NameReport(
            name="", action=Action.CREATE, state=NameState.FREE, note="a name is made when it starts"
        )
    return report_of(name, found[name], settings.on_existing)


def _report_of_run(run_id: str, run: RunRecord | None, on_existing: OnExisting) -> NameReport:
    """The report on a run that is addressed outright; that of another tool is trained into."""
    if run is None:
        fault = refusals.no_such_run(run_id)
        return NameReport(
            name="", action=Action.REFUSE, state=NameState.FREE, note=fault.message, diagnostic=fault
        )
    if not run.is_ours:
        note = f"run {run.run_id} ({run.status}), which another tool made, is trained into"
        return NameReport(name=run.name, action=Action.RESUME, state=NameState.FOREIGN, note=note, run=run)
    return report_of(run.name, [run], on_existing)


def report_of(name: str, found: Sequence[RunRecord], on_existing: OnExisting) -> NameReport:
    """The report on a name that these runs have."""
    state = state_of_name(found, lambda _: now_ms())
    runs = runs_of(found)
    if state is NameState.FREE:
        return NameReport(name=name, action=Action.CREATE, state=state, note="the name is free")
    if state is NameState.SEVERAL:
        fault = refusals.several(name, runs)
        return NameReport(name=name, action=Action.REFUSE, state=state, note=fault.message, diagnostic=fault)
    run = runs[0] if runs else found[0]
    refusal = _refusal(run, state, on_existing)
    if refusal is not None:
        action, note = Action.REFUSE, refusal.message
    elif on_existing is OnExisting.SKIP:
        action, note = Action.SKIP, _run_note(run)
    else:
        action = Action.CONTINUE_IF_LONGER if state is NameState.FINISHED else Action.RESUME
        note = _run_note(run)
    return NameReport(name=name, action=action, state=state, note=note, run=run, diagnostic=refusal)


def _refusal(run: RunRecord, state: NameState, on_existing: OnExisting) -> Diagnostic | None:
    if state in {NameState.CLAIMED, NameState.ALIVE}:
        return refusals.alive(run)
    if not run.is_ours:
        return refusals.foreign(run)
    if on_existing is OnExisting.ERROR:
        return refusals.taken(run, finished=state is NameState.FINISHED)
    return None


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
    """A store that is not there yet, or none at all: every name is free."""

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        return {name: [] for name in names}

    def get(self, run_id: str) -> RunRecord | None:  # noqa: ARG002  # any run
        return None

    def close(self) -> None:
        return None


class _RestFinder:
    """By `experiments/get-by-name` once and a few `runs/search`."""

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
            self._experiment_id = _text(found["experiment_id"])
            is_active = found.get("lifecycle_stage", "active") == "active"
        if not is_active:
            connection.close()
            raise deleted_experiment(experiment_name, _text(found["experiment_id"]))

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        if self._experiment_id is None:
            return {name: [] for name in names}
        return search_names(names, self._pages)

    def _pages(self, condition: str, most: int | None) -> list[RunRecord] | None:
        """All runs that a condition finds; None when they are more than `most` pages."""
        records: list[RunRecord] = []
        token: str | None = None
        for _ in range(MOST_PAGES if most is None else most):
            question: dict[str, Any] = {
                "experiment_ids": [self._experiment_id],
                "filter": condition,
                "max_results": PAGE,
                "order_by": ["attributes.start_time ASC"],
            } | ({"page_token": token} if token else {})
            answer = self._connection.post("runs/search", json.dumps(question).encode())
            with understood(self._uri):
                records += map(_record_of, answer.get("runs", ()))
            token = answer.get("next_page_token")
            if not token:
                return records
        if most is None:
            raise TrackingError(
                f"the tracking server has no last page of runs among its first {MOST_PAGES:,}"
            )
        return None

    def get(self, run_id: str) -> RunRecord | None:
        try:
            answer = self._connection.get("runs/get", {"run_id": run_id})
        except RestError as error:
            if error.code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                raise
            return None
        with understood(self._uri):
            run = answer["run"]
            return _record_of(run) if run["info"].get("lifecycle_stage", "active") == "active" else None

    def close(self) -> None:
        self._connection.close()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} in the place of a text")
    return value


def _record_of(run: dict[str, Any]) -> RunRecord:
    info, data = run["info"], run.get("data", {})
    return RunRecord(
        run_id=_text(info["run_id"]),
        name=_text(info.get("run_name", "")),
        status=_text(info["status"]),
        start_ms=int(info.get("start_time", 0)),
        end_ms=int(info["end_time"]) if info.get("end_time") and info["status"] != "RUNNING" else None,
        tags={_text(tag["key"]): _text(tag.get("value", "")) for tag in data.get("tags", [])},
        experiment_id=_text(info.get("experiment_id", "")),
        metrics={_text(metric["key"]): float(metric["value"]) for metric in data.get("metrics", [])},
    )


class _ClientFinder:
    def __init__(self, uri: str, experiment_name: str) -> None:
        from serotiny.tracking.mlflow.registry import MlflowRegistry, retried

        client = open_client(uri)
        experiment = retried(lambda: client.get_experiment_by_name(experiment_name))
        if experiment and experiment.lifecycle_stage != "active":
            raise deleted_experiment(experiment_name, experiment.experiment_id)
        self._registry = MlflowRegistry(client, experiment.experiment_id if experiment else "")
        self._is_there = experiment is not None

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        return self._registry.search_names(names) if self._is_there else {name: [] for name in names}

    def get(self, run_id: str) -> RunRecord | None:
        return self._registry.get(run_id)

    def close(self) -> None:
        return None
