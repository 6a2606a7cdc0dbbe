"""Write to a run in MLflow: metrics by REST if the store is plain http, other things by MLflow's client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import to_json
from typing_extensions import override

from serotiny.tracking.errors import RunGoneError, TrackingError, TransientTrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.http.rest import NotPlainError, RestConnection, understood
from serotiny.tracking.mlflow.name_filters import all_pages
from serotiny.tracking.mlflow.registry import MlflowRegistry
from serotiny.tracking.mlflow.retries import retried
from serotiny.tracking.mlflow.run_document import read_run
from serotiny.tracking.outbox.sink import Point, RunSink
from serotiny.tracking.reservation.run_record import RunRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

_T = TypeVar("_T")

# MAX_PARAMS_TAGS_PER_BATCH of mlflow.utils.validation
_PARAMS_PER_BATCH = 100

# MAX_RESULTS_PER_RUN of mlflow.server.handlers: of more points an interval has a sample
_POINTS_PER_INTERVAL = 2500
_PAGE_OF_POINTS = 25_000
"""As MLflow's client asks for."""
_LARGEST_STEP = 2**31 - 1


class MlflowSink(RunSink):
    """`RunSink` of one run in MLflow."""

    def __init__(
        self,
        client: MlflowClient,
        registry: MlflowRegistry,
        uri: str,
        run_id: str,
        artifacts: RunArtifacts,
    ) -> None:
        self._client = client
        self._registry = registry
        self._uri = uri
        self._run_id = run_id
        self._artifacts = artifacts
        # by thread: two may not use one connection at a time
        self._connections: dict[int, RestConnection] = {}
        self._is_plain = True
        self._gives_intervals = True

    @override
    def log_points(self, points: Sequence[Point]) -> None:
        if not points:
            return
        if self._is_plain:
            try:
                self._ask(lambda: self._connection().post("runs/log-batch", self._batch(points)))
            except NotPlainError:
                self._is_plain = False
            else:
                return
        from mlflow.entities import Metric

        metrics = [Metric(p.key, p.value, p.timestamp_ms, p.step) for p in points]
        self._ask_client(lambda: self._client.log_batch(self._run_id, metrics=metrics))

    @override
    def log_params(self, params: Mapping[str, str]) -> None:
        from mlflow.entities import Param

        entities = [Param(key, value) for key, value in params.items()]
        for start in range(0, len(entities), _PARAMS_PER_BATCH):
            batch = entities[start : start + _PARAMS_PER_BATCH]
            call = partial(self._client.log_batch, self._run_id, params=batch)
            self._ask_client(call)

    @override
    def params(self) -> Mapping[str, str]:
        run = self._ask_client(lambda: self._client.get_run(self._run_id))
        return dict(run.data.params)

    @override
    def set_tags(self, tags: Mapping[str, str]) -> None:
        if written := {tag: value for tag, value in tags.items() if value}:
            self._ask(lambda: self._registry.set_tags(self._run_id, written))
        for tag in tags.keys() - written.keys():
            self._ask(partial(self._registry.delete_tag, self._run_id, tag))

    @override
    def log_data_set(self, name: str, digest: str, source: str) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        entity = Dataset(
            name=name,
            digest=digest,
            source_type="local",
            source=json.dumps({"uri": source}),
            schema=None,
            profile=None,
        )
        given = DatasetInput(entity, [InputTag("mlflow.data.context", "training")])
        call = partial(self._client.log_inputs, self._run_id, [given])
        self._ask_client(call)

    @override
    def tags(self) -> Mapping[str, str]:
        record = self._record()
        if record is None:
            raise self._gone()
        return record.tags

    @override
    def upload(self, file: Path, artifact_dir: str) -> None:
        # Every artifact store raises errors of its own (requests, boto3, OSError, …).
        try:
            self._artifacts.put(file, artifact_dir)
        except TransientTrackingError:
            raise
        except OSError as error:
            if _is_refused(error):
                raise
            raise TransientTrackingError(f"{file.name} was not uploaded: {error}") from None
        except Exception as error:
            raise TransientTrackingError(f"{file.name} was not uploaded: {error}") from None

    @override
    def end(self, status: str, end_ms: int) -> None:
        self._ask(lambda: self._registry.set_status(self._run_id, status, end_ms))

    @override
    def last_steps(self) -> Mapping[str, int]:
        run = self._ask_client(lambda: self._client.get_run(self._run_id))
        return {metric.key: metric.step for metric in run.data._metric_objs}

    @override
    def history(self, key: str, since: int | None = None) -> list[Point]:
        points = self._interval(key, since) if since is not None else None
        if points is not None:
            return points
        found = self._ask_client(lambda: metric_history(self._client, self._run_id, key))
        return [Point(m.key, m.value, m.timestamp, m.step) for m in found]

    @override
    def close(self) -> None:
        for connection in list(self._connections.values()):
            connection.close()

    def _record(self) -> RunRecord | None:
        if self._is_plain:
            try:
                return read_run(self._connection(), self._uri, self._run_id)
            except NotPlainError:
                self._is_plain = False
        return self._registry.get(self._run_id)

    def _interval(self, key: str, since: int) -> list[Point] | None:
        """The points of a metric from step `since` on; None if the server does not give all of them.

        The endpoint serves the charts of MLflow's own pages, and is not documented. Servers have it since MLflow 2.11.
        Like all of MLflow's endpoints for histories it answers for one metric. It takes 25 ms for 100 steps, and a
        `metrics/get-history`, whose pages begin with the oldest points, three times that for 480.
        """
        if not (self._is_plain and self._gives_intervals):
            return None
        query = {
            "run_ids": self._run_id,
            "metric_key": key,
            "start_step": str(since),
            "end_step": str(_LARGEST_STEP),
            "max_results": str(_POINTS_PER_INTERVAL),
        }
        try:
            with understood(self._uri):
                found = self._connection().get("metrics/get-history-bulk-interval", query).get("metrics", [])
                points = [Point(key, float(m["value"]), int(m["timestamp"]), int(m["step"])) for m in found]
        except NotPlainError:
            self._is_plain = False
            return None
        except TransientTrackingError:
            raise
        except TrackingError:
            self._gives_intervals = False
            return None
        return points if len(points) < _POINTS_PER_INTERVAL else None

    def _ask(self, call: Callable[[], _T]) -> _T:
        """The result of `call`; a refusal because the run was deleted is raised as `RunGoneError`."""
        try:
            return call()
        except TransientTrackingError:
            raise
        except TrackingError:
            if self._registry.get(self._run_id) is None:
                raise self._gone() from None
            raise

    def _ask_client(self, call: Callable[[], _T]) -> _T:
        """As `_ask`, for a call of MLflow's client: one attempt, since the sender repeats failed requests itself."""
        return self._ask(lambda: retried(self._uri, call, attempts=1))

    def _gone(self) -> RunGoneError:
        return RunGoneError(f"the run {self._run_id} was deleted")

    def _connection(self) -> RestConnection:
        thread = threading.get_ident()
        if thread not in self._connections:
            self._connections[thread] = RestConnection(self._uri)
        return self._connections[thread]

    def _batch(self, points: Sequence[Point]) -> bytes:
        batch = {
            "run_id": self._run_id,
            "metrics": [
                {
                    "key": point.key,
                    "value": point.value,
                    "timestamp": point.timestamp_ms,
                    "step": point.step,
                }
                for point in points
            ],
        }
        return to_json(batch, inf_nan_mode="strings")  # as protobuf's JSON has it


def _is_refused(error: OSError) -> bool:
    """Whether an upload was refused (4xx), or a folder cannot be written, so that retrying is useless."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status is not None:
        return 400 <= int(status) < 500 and int(status) not in {408, 425, 429}
    return isinstance(error, PermissionError)


def metric_history(client: MlflowClient, run_id: str, key: str) -> list[Metric]:
    """All points of a metric; MLflow's own client asks for pages without end.

    Raises:
        TrackingError: there is no last page, as far as the server says.
    """
    store: Any = client._tracking_client.store

    def page(_: str, token: str | None) -> tuple[Iterable[Metric], str | None]:
        found = store.get_metric_history(
            run_id=run_id, metric_key=key, max_results=_PAGE_OF_POINTS, page_token=token
        )
        return found, found.token

    return all_pages(page, "", what="points") or []
