"""Read runs from the JSON documents of MLflow's REST endpoints."""

from __future__ import annotations

from typing import Any

from serotiny.tracking.mlflow.http.rest import RestConnection, RestError, understood
from serotiny.tracking.reservation.run_record import RunRecord


def read_run(connection: RestConnection, uri: str, run_id: str) -> RunRecord | None:
    """A run of the server at `uri`; None if it was deleted, or never existed."""
    run = _run_at(connection, uri, run_id)
    with understood(uri):
        return record_of(run) if run is not None and _is_active(run) else None


def was_deleted(connection: RestConnection, uri: str, run_id: str) -> bool:
    """Whether the server at `uri` has a run among the deleted ones."""
    run = _run_at(connection, uri, run_id)
    with understood(uri):
        return run is not None and not _is_active(run)


def _is_active(run: dict[str, Any]) -> bool:
    return bool(run["info"].get("lifecycle_stage", "active") == "active")


def _run_at(connection: RestConnection, uri: str, run_id: str) -> dict[str, Any] | None:
    """The document of a run of the server at `uri`; None if there is none.

    It takes a tenth of the processor time of MLflow's client, since that checks each tag and metric as a message of
    its own.

    Raises:
        NotPlainError: the server needs MLflow's client.
        TrackingError: it cannot be reached, refuses the request, or does not answer as MLflow does.
    """
    try:
        answer = connection.get("runs/get", {"run_id": run_id})
    except RestError as error:
        # MLflow checks the form of an id before it looks for the run
        if error.code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            raise
        return None
    with understood(uri):
        run: dict[str, Any] = answer["run"]
        return run


def record_of(run: dict[str, Any]) -> RunRecord:
    """Convert a document; to be called in the context of `understood`."""
    info, data = run["info"], run.get("data", {})
    return RunRecord(
        run_id=text_of(info["run_id"]),
        name=text_of(info.get("run_name", "")),
        status=text_of(info["status"]),
        start_ms=int(info.get("start_time", 0)),
        # MLflow keeps the end time of an earlier start
        end_ms=int(info["end_time"]) if info.get("end_time") and info["status"] != "RUNNING" else None,
        tags={text_of(tag["key"]): text_of(tag.get("value", "")) for tag in data.get("tags", [])},
        experiment_id=text_of(info.get("experiment_id", "")),
        metrics={text_of(metric["key"]): float(metric["value"]) for metric in data.get("metrics", [])},
    )


def text_of(value: Any) -> str:
    """The value, if it is a text.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} in the place of a text")
    return value
