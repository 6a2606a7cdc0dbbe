"""Find the runs of a store by their names or ids, without writing anything.

Plain http stores are queried by REST with the standard library, since importing mlflow takes 1.4 s, and a whole
check 0.3 s. All other stores are queried through MLflow's client.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.errors import deleted_experiment
from serotiny.tracking.mlflow.http.rest import NotPlainError, RestConnection, RestError, understood
from serotiny.tracking.mlflow.name_filters import PAGE, search_names
from serotiny.tracking.mlflow.run_document import read_run, record_of, text_of, was_deleted
from serotiny.tracking.mlflow.store import check_alive, open_client, resolve_tracking_uri, sqlite_file
from serotiny.tracking.reservation.run_record import RunRecord

if TYPE_CHECKING:
    from serotiny.tracking.mlflow.stored_run import StoredConfigs

Config = Mapping[str, Any]

_TIMEOUT_S = 10.0


class RunFinder(Protocol):
    """Finds the runs of an experiment."""

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]: ...

    def get(self, run_id: str) -> RunRecord | None: ...

    def was_deleted(self, run_id: str) -> bool: ...

    def other_experiment(self, run: RunRecord) -> str | None: ...

    def config(self, run: RunRecord) -> Config | None: ...

    def has_artifact(self, run: RunRecord, path: str) -> bool: ...

    def close(self) -> None: ...


def open_finder(settings: MlflowConfig, root: Path) -> RunFinder:
    """The finder for the store and experiment of these settings.

    Args:
        settings: `tracking_uri` and `experiment_name`.
        root: the folder that a relative sqlite file is relative to; a missing file is not created.

    Raises:
        TrackingError: the store cannot be reached within seconds, or the experiment was deleted.
    """
    if settings.tracking_uri is None:
        return _Nothing()
    uri = resolve_tracking_uri(settings.tracking_uri, root)
    file = sqlite_file(uri)
    if file is not None and not file.exists():
        return _Nothing()
    check_alive(uri)
    try:
        return RestFinder(RestConnection(uri, _TIMEOUT_S), uri, settings.experiment_name)
    except NotPlainError:
        return _ClientFinder(uri, settings.experiment_name)


class _Nothing:
    """Stands for a store that does not exist yet, or none at all: every name is free."""

    def find(self, names: Collection[str]) -> Mapping[str, list[RunRecord]]:
        return {name: [] for name in names}

    def get(self, run_id: str) -> RunRecord | None:  # noqa: ARG002  # any run
        return None

    def was_deleted(self, run_id: str) -> bool:  # noqa: ARG002  # there is none
        return False

    def other_experiment(self, run: RunRecord) -> str | None:  # noqa: ARG002  # there is none
        return None

    def config(self, run: RunRecord) -> Config | None:  # noqa: ARG002  # any run
        return None

    def has_artifact(self, run: RunRecord, path: str) -> bool:  # noqa: ARG002  # any run
        return False

    def close(self) -> None:
        return None


class RestFinder:
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

    def was_deleted(self, run_id: str) -> bool:
        return was_deleted(self._connection, self._uri, run_id)

    def other_experiment(self, run: RunRecord) -> str | None:
        if run.experiment_id in {"", self._experiment_id}:
            return None
        answer = self._connection.get("experiments/get", {"experiment_id": run.experiment_id})
        with understood(self._uri):
            return text_of(answer["experiment"]["name"])

    def config(self, run: RunRecord) -> Config | None:
        return self._configs.trained_with(run.run_id)

    def has_artifact(self, run: RunRecord, path: str) -> bool:
        return self._configs.artifacts(run.run_id).may_have(path)

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

    def was_deleted(self, run_id: str) -> bool:
        return self._registry.was_deleted(run_id)

    def other_experiment(self, run: RunRecord) -> str | None:
        return self._registry.other_experiment(run)

    def config(self, run: RunRecord) -> Config | None:
        return self._configs.trained_with(run.run_id)

    def has_artifact(self, run: RunRecord, path: str) -> bool:
        return self._configs.artifacts(run.run_id).may_have(path)

    def close(self) -> None:
        return None
