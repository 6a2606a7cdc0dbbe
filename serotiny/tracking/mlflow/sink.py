"""The sink in MLflow: metrics by one REST request where the store is plain http, all else by the client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import to_json
from typing_extensions import override

from serotiny.tracking.errors import TransientTrackingError
from serotiny.tracking.mlflow.registry import MlflowRegistry, retried
from serotiny.tracking.mlflow.rest import NotPlainError, RestConnection
from serotiny.tracking.outbox.sink import Point, RunSink

if TYPE_CHECKING:
    from mlflow import MlflowClient

_PARAMS_PER_BATCH = 100


class MlflowSink(RunSink):
    """`RunSink` of one run."""

    def __init__(self, client: MlflowClient, registry: MlflowRegistry, uri: str, run_id: str) -> None:
        self._client = client
        self._registry = registry
        self._uri = uri
        self._run_id = run_id
        self._rest: RestConnection | None = None  # only the thread that logs points uses it
        self._is_plain = True

    @override
    def log_points(self, points: Sequence[Point]) -> None:
        if not points:
            return
        if self._is_plain:
            try:
                self._connection().post("runs/log-batch", self._batch(points))
            except NotPlainError:
                self._is_plain = False
            else:
                return
        from mlflow.entities import Metric

        metrics = [Metric(p.key, p.value, p.timestamp_ms, p.step) for p in points]
        retried(lambda: self._client.log_batch(self._run_id, metrics=metrics), attempts=1)

    @override
    def log_params(self, params: Mapping[str, str]) -> None:
        from mlflow.entities import Param

        entities = [Param(key, value) for key, value in params.items()]
        for start in range(0, len(entities), _PARAMS_PER_BATCH):
            batch = entities[start : start + _PARAMS_PER_BATCH]
            retried(partial(self._client.log_batch, self._run_id, params=batch), attempts=1)

    @override
    def params(self) -> Mapping[str, str]:
        run = retried(lambda: self._client.get_run(self._run_id), attempts=1)
        return dict(run.data.params)

    @override
    def set_tags(self, tags: Mapping[str, str]) -> None:
        self._registry.set_tags(self._run_id, tags)

    @override
    def upload(self, file: Path, artifact_dir: str) -> None:
        # Every artifact store raises errors of its own (requests, boto3, OSError, …).
        try:
            self._client.log_artifact(self._run_id, str(file), artifact_dir or None)
        except OSError as error:
            if _is_refused(error):
                raise
            raise TransientTrackingError(f"{file.name} was not uploaded: {error}") from None
        except Exception as error:
            raise TransientTrackingError(f"{file.name} was not uploaded: {error}") from None

    @override
    def end(self, status: str, end_ms: int) -> None:
        self._registry.set_status(self._run_id, status, end_ms)

    @override
    def history(self, key: str) -> list[Point]:
        found = retried(lambda: self._client.get_metric_history(self._run_id, key), attempts=1)
        return [Point(m.key, m.value, m.timestamp, m.step) for m in found]

    @override
    def is_ours(self, token: str) -> bool:
        record = self._registry.get(self._run_id)
        return record is not None and record.token == token

    @override
    def close(self) -> None:
        if self._rest is not None:
            self._rest.close()

    def _connection(self) -> RestConnection:
        if self._rest is None:
            self._rest = RestConnection(self._uri)
        return self._rest

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
    """Whether a server said no to an upload (4xx), or a folder cannot be written: waiting will not help."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status is not None:
        return 400 <= int(status) < 500 and int(status) not in {408, 425, 429}
    return isinstance(error, PermissionError)
