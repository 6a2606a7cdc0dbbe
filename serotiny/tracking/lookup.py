"""What `train` would do with a name, found out without writing anything; for `check --runs`.

Plain http stores are asked by REST with the standard library: importing mlflow costs 1.4 s, the whole of a
check 0.3 s. All other stores are asked through MLflow's client.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig, OnExisting
from serotiny.tracking.clock import now_ms
from serotiny.tracking.mlflow.rest import NotPlainError, RestConnection, RestError
from serotiny.tracking.mlflow.store import check_alive, open_client, resolve_tracking_uri, sqlite_file
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.refusals import faults_of_names
from serotiny.tracking.reservation.run_record import NameState, RunRecord, quote, runs_of, state_of_name

_PAGE = 100
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
        diagnostic: SER401, or SER403 to SER405, when the action is REFUSE.
    """

    name: str
    action: Action
    state: NameState | None
    note: str
    diagnostic: Diagnostic | None = None


class _Finder(Protocol):
    def find(self, name: str) -> list[RunRecord]: ...

    def close(self) -> None: ...


def look_up(settings: MlflowConfig, names: Sequence[str | None], root: Path) -> list[NameReport]:
    """What `train` would do with each name now. Whether a config has drifted is not looked at.

    Args:
        settings: `tracking_uri` and `experiment_name` say where; `run_id` is not looked at.
        names: None stands for a name that is made when the job starts, which is always free.
        root: where a relative sqlite file is counted from; a file that is not there is not made.

    Raises:
        TrackingError: the store cannot be reached within seconds.
    """
    with contextlib.closing(_finder(settings, root)) as finder:
        return [_report(settings, name, finder) for name in names]


def _report(settings: MlflowConfig, name: str | None, finder: _Finder) -> NameReport:
    if faults := faults_of_names(settings, name):
        return NameReport(
            name=name or "", action=Action.REFUSE, state=None, note=faults[0].message, diagnostic=faults[0]
        )
    if name is None:
        return NameReport(
            name="", action=Action.CREATE, state=NameState.FREE, note="a name is made when it starts"
        )
    return report_of(name, finder.find(name), settings.on_existing)


def report_of(name: str, found: Sequence[RunRecord], on_existing: OnExisting) -> NameReport:
    """The report on a name that these runs have."""
    state = state_of_name(found, now_ms())
    runs = runs_of(found)
    if state is NameState.FREE:
        return NameReport(name=name, action=Action.CREATE, state=state, note="the name is free")
    if state is NameState.SEVERAL:
        fault = refusals.several(name, runs)
        return NameReport(name=name, action=Action.REFUSE, state=state, note=fault.message, diagnostic=fault)
    run = runs[0] if runs else found[0]
    if state in {NameState.CLAIMED, NameState.ALIVE}:
        fault = refusals.alive(run)
        return NameReport(name=name, action=Action.REFUSE, state=state, note=fault.message, diagnostic=fault)
    if not run.is_ours:
        fault = refusals.foreign(run)
        return NameReport(name=name, action=Action.REFUSE, state=state, note=fault.message, diagnostic=fault)
    if on_existing is OnExisting.ERROR:
        fault = refusals.taken(run, finished=state is NameState.FINISHED)
        return NameReport(name=name, action=Action.REFUSE, state=state, note=fault.message, diagnostic=fault)
    note = f"run {run.run_id} ({run.status})"
    if on_existing is OnExisting.SKIP:
        return NameReport(name=name, action=Action.SKIP, state=state, note=note)
    action = Action.CONTINUE_IF_LONGER if state is NameState.FINISHED else Action.RESUME
    return NameReport(name=name, action=action, state=state, note=note)


def _finder(settings: MlflowConfig, root: Path) -> _Finder:
    if settings.tracking_uri is None:
        return _Nothing()
    uri = resolve_tracking_uri(settings.tracking_uri, root)
    file = sqlite_file(uri)
    if file is not None and not file.exists():
        return _Nothing()
    check_alive(uri)
    try:
        return _RestFinder(RestConnection(uri, _TIMEOUT_S), settings.experiment_name)
    except NotPlainError:
        return _ClientFinder(uri, settings.experiment_name)


class _Nothing:
    """A store that is not there yet, or none at all: every name is free."""

    def find(self, name: str) -> list[RunRecord]:  # noqa: ARG002  # any name
        return []

    def close(self) -> None:
        return None


class _RestFinder:
    """By `experiments/get-by-name` once and `runs/search` once for each name and page."""

    def __init__(self, connection: RestConnection, experiment_name: str) -> None:
        self._connection = connection
        try:
            answer = connection.get("experiments/get-by-name", {"experiment_name": experiment_name})
            self._experiment_id: str | None = answer["experiment"]["experiment_id"]
        except RestError as error:
            if error.code != "RESOURCE_DOES_NOT_EXIST":
                raise
            self._experiment_id = None

    def find(self, name: str) -> list[RunRecord]:
        records: list[RunRecord] = []
        token: str | None = None
        while self._experiment_id is not None:
            question: dict[str, Any] = {
                "experiment_ids": [self._experiment_id],
                "filter": f"attributes.run_name = {quote(name)}",
                "max_results": _PAGE,
                "order_by": ["attributes.start_time ASC"],
            } | ({"page_token": token} if token else {})
            answer = self._connection.post("runs/search", json.dumps(question).encode())
            records += [_record_of(run) for run in answer.get("runs", [])]
            token = answer.get("next_page_token")
            if not token:
                break
        return sorted((r for r in records if r.name == name), key=lambda record: record.order)

    def close(self) -> None:
        self._connection.close()


def _record_of(run: dict[str, Any]) -> RunRecord:
    info, data = run["info"], run.get("data", {})
    return RunRecord(
        run_id=info["run_id"],
        name=info.get("run_name", ""),
        status=info["status"],
        start_ms=int(info.get("start_time", 0)),
        end_ms=int(info["end_time"]) if info.get("end_time") else None,
        tags={tag["key"]: tag.get("value", "") for tag in data.get("tags", [])},
        experiment_id=info.get("experiment_id", ""),
    )


class _ClientFinder:
    def __init__(self, uri: str, experiment_name: str) -> None:
        from serotiny.tracking.mlflow.registry import MlflowRegistry, retried

        client = open_client(uri)
        experiment = retried(lambda: client.get_experiment_by_name(experiment_name))
        self._registry = MlflowRegistry(client, experiment.experiment_id) if experiment else None

    def find(self, name: str) -> list[RunRecord]:
        return self._registry.search(name) if self._registry else []

    def close(self) -> None:
        return None
