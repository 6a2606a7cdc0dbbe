"""The run registry in MLflow, which uses only its public client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from typing_extensions import override

from serotiny.tracking.clock import now_ms
from serotiny.tracking.contents import is_whole_number
from serotiny.tracking.errors import ClaimLostError, TrackingError, TransientTrackingError, deleted_experiment
from serotiny.tracking.mlflow.name_filters import PAGE, all_pages, search_names
from serotiny.tracking.mlflow.retries import retried
from serotiny.tracking.reservation.registry import RunRegistry
from serotiny.tracking.reservation.run_record import RunRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, Run

_T = TypeVar("_T")

_ATTEMPTS = 6


class MlflowRegistry(RunRegistry):
    """`RunRegistry` of one experiment over an MLflow client."""

    def __init__(self, client: MlflowClient, experiment_id: str) -> None:
        self._client = client
        self._experiment_id = experiment_id

    @property
    def experiment_id(self) -> str:
        """The id of the experiment."""
        return self._experiment_id

    @override
    def search(self, name: str) -> list[RunRecord]:
        return self.search_names([name])[name]

    def search_names(self, names: Iterable[str]) -> dict[str, list[RunRecord]]:
        """As `search` for each of many names, in a few requests."""
        return search_names(names, self._page)

    def all_runs(self) -> list[RunRecord]:
        """Every run of the experiment, claims included."""
        return sorted(all_pages(self._page, "") or (), key=lambda record: record.order)

    def _page(self, condition: str, token: str | None) -> tuple[Iterable[RunRecord], str | None]:
        return page_of_runs(self._client, [self._experiment_id], condition, token)

    @override
    def get(self, run_id: str) -> RunRecord | None:
        run = self._found(run_id)
        return record_of(run) if run is not None and run.info.lifecycle_stage == "active" else None

    @override
    def was_deleted(self, run_id: str) -> bool:
        run = self._found(run_id)
        return run is not None and run.info.lifecycle_stage != "active"

    def _found(self, run_id: str) -> Run | None:
        from mlflow.exceptions import MlflowException

        def read() -> Run | None:
            try:
                return self._client.get_run(run_id)
            except MlflowException as error:
                # MLflow checks the form of an id before it looks for the run
                if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                    return None
                raise

        return self._retried(read)

    def other_experiment(self, run: RunRecord) -> str | None:
        """The name of the experiment that a run is in; None if it is this one."""
        if run.experiment_id in {"", self._experiment_id}:
            return None
        found = self._retried(lambda: self._client.get_experiment(run.experiment_id))
        return str(found.name)

    @override
    def create(self, name: str, tags: Mapping[str, str]) -> RunRecord:
        run = self._retried(
            lambda: self._client.create_run(
                self._experiment_id, start_time=now_ms(), tags=dict(tags), run_name=name
            )
        )
        return record_of(run)

    @override
    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        entities = [RunTag(key, value) for key, value in tags.items()]
        try:
            self._retried(lambda: self._client.log_batch(run_id, tags=entities))
        except TransientTrackingError:
            raise
        except TrackingError:
            # for a deleted run the error is that of any bad request (INVALID_PARAMETER_VALUE)
            if self.get(run_id) is None:
                raise ClaimLostError(f"run {run_id} was deleted by another process") from None
            raise

    def delete_tag(self, run_id: str, tag: str) -> None:
        """Delete a tag; it is no error if the run does not have it."""
        from mlflow.exceptions import MlflowException

        def remove() -> None:
            try:
                self._client.delete_tag(run_id, tag)
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise

        self._retried(remove)

    @override
    def set_status(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        if end_ms is None:
            self._retried(lambda: self._client.update_run(run_id, status=status))
        else:
            self._retried(lambda: self._client.set_terminated(run_id, status=status, end_time=end_ms))

    @override
    def delete(self, run_id: str) -> None:
        from mlflow.exceptions import MlflowException

        def remove() -> None:
            try:
                self._client.delete_run(run_id)
            except MlflowException as error:
                if error.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                    raise

        self._retried(remove)

    def _retried(self, call: Callable[[], _T]) -> _T:
        return retried(self._client.tracking_uri, call)


def runs_by_name(client: MlflowClient, name: str) -> list[tuple[RunRecord, str]]:
    """The runs of a name in all active experiments, each with the name of its experiment.

    However many experiments there are, it takes two requests for each thousand of them.
    """
    experiments = active_experiments(client)
    ids = list(experiments)
    found: list[RunRecord] = []
    for start in range(0, len(ids), PAGE):
        found += search_names([name], partial(page_of_runs, client, ids[start : start + PAGE]))[name]
    return [(record, experiments[record.experiment_id]) for record in found]


def some_names(client: MlflowClient) -> list[str]:
    """The names of runs, of one page of them: what a misspelt one may have meant."""
    records, _ = page_of_runs(client, list(active_experiments(client))[:PAGE], "", None)
    return [record.name for record in records if not record.is_pending]


def active_experiments(client: MlflowClient) -> dict[str, str]:
    """The names of the experiments that are not deleted, by their ids."""

    def page(_: str, token: str | None) -> tuple[Iterable[Experiment], str | None]:
        found = retried(
            client.tracking_uri, partial(client.search_experiments, max_results=PAGE, page_token=token)
        )
        return found, found.token

    return {item.experiment_id: item.name for item in all_pages(page, "", what="experiments") or ()}


def page_of_runs(
    client: MlflowClient, experiment_ids: list[str], condition: str, token: str | None
) -> tuple[Iterable[RunRecord], str | None]:
    """A page of the runs in these experiments that match a condition, and the token of the next one."""
    page = retried(
        client.tracking_uri,
        partial(
            client.search_runs,
            experiment_ids,
            condition,
            max_results=PAGE,
            order_by=["attributes.start_time ASC"],
            page_token=token,
        ),
    )
    return map(record_of, page), page.token


def resolve_experiment(client: MlflowClient, name: str, artifact_location: str | None) -> str:
    """The id of the experiment, which is created if it does not exist; many processes may do so at once.

    Raises:
        TrackingError: the experiment was deleted, or cannot be created.
    """
    for _attempt in range(_ATTEMPTS):
        found = find_experiment(client, name)
        if found is not None:
            return found
        try:
            return str(
                retried(client.tracking_uri, lambda: _create_experiment(client, name, artifact_location))
            )
        except _AlreadyThereError:
            continue
    raise TransientTrackingError(f"the experiment `{name}` can be neither found nor created")


def find_experiment(client: MlflowClient, name: str) -> str | None:
    """The id of the experiment; None when it does not exist.

    Raises:
        TrackingError: it was deleted.
    """
    experiment = retried(client.tracking_uri, lambda: client.get_experiment_by_name(name))
    if experiment is None:
        return None
    if experiment.lifecycle_stage != "active":
        raise deleted_experiment(name, str(experiment.experiment_id))
    return str(experiment.experiment_id)


class _AlreadyThereError(Exception):
    """Another process created the experiment in the meantime."""


def _create_experiment(client: MlflowClient, name: str, artifact_location: str | None) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return str(client.create_experiment(name, artifact_location=artifact_location))
    except MlflowException as error:
        if error.error_code == "RESOURCE_ALREADY_EXISTS" or "UNIQUE constraint" in str(error):
            raise _AlreadyThereError from None
        raise


def record_of(run: Run) -> RunRecord:
    """Convert MLflow's entity to our record.

    A sqlite file may hold values of any type; those of another one than MLflow writes count as missing.
    """
    info = run.info
    start, end = info.start_time, info.end_time
    return RunRecord(
        run_id=info.run_id,
        name=info.run_name if isinstance(info.run_name, str) else "",
        status=info.status if isinstance(info.status, str) else "",
        start_ms=start if is_whole_number(start) else 0,
        # MLflow keeps the end time of an earlier start
        end_ms=end if is_whole_number(end) and info.status != "RUNNING" else None,
        tags={name: value for name, value in run.data.tags.items() if isinstance(value, str)},
        experiment_id=info.experiment_id,
        metrics={name: value for name, value in run.data.metrics.items() if isinstance(value, int | float)},
    )
