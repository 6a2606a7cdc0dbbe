"""What a server says that is none of MLflow's, or never ends."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.checkpoint_record import CheckpointRecord
from serotiny.tracking.errors import TrackingError, TransientTrackingError, unreachable
from serotiny.tracking.lookup import look_up
from serotiny.tracking.maintenance import list_runs
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.contents import stored_contents
from serotiny.tracking.mlflow.http.rest import blocks_of
from serotiny.tracking.mlflow.registry import record_of
from serotiny.tracking.mlflow.session import fetch_checkpoint
from serotiny.tracking.mlflow.sink import metric_history
from serotiny.tracking.mlflow.store import open_client
from serotiny.tracking.mlflow.stored_run import StoredRun
from serotiny.tracking.session import AskedRun

ASKED = AskedRun(operation="train", run_name="r1", logged_config={}, identity="", project_root=Path.cwd())
EXPERIMENT = {"experiment": {"experiment_id": "1"}}
LIVE = {"experiment": {"experiment_id": "1", "name": "study", "lifecycle_stage": "active"}}
SERVED = {"info": {"run_id": "a", "status": "FINISHED", "artifact_uri": "mlflow-artifacts:/1/a"}}
RUN = {"info": {"run_id": "a", "status": "FINISHED"}}


@contextmanager
def server(answers: dict[str, Any]) -> Iterator[str]:
    """A server that answers each endpoint with a document, or what a function gives; what is no text is made one."""

    def send(connection: BaseHTTPRequestHandler) -> None:
        answer = answers.get(connection.path.partition("?")[0].rpartition("mlflow/")[2], {})
        answer = answer() if callable(answer) else answer
        connection.wfile.write((answer if isinstance(answer, str) else json.dumps(answer)).encode())

    with serving(send) as uri:
        yield uri


@pytest.mark.parametrize(
    "answers",
    [
        {"experiments/get-by-name": {}},
        {"experiments/get-by-name": {"experiment": 5}},
        {"experiments/get-by-name": {"experiment": {"experiment_id": ["1"]}}},
        {"experiments/get-by-name": EXPERIMENT, "runs/search": {"runs": 5}},
        {"experiments/get-by-name": EXPERIMENT, "runs/search": {"runs": [{}]}},
        {"experiments/get-by-name": EXPERIMENT, "runs/search": {"runs": [{**RUN, "data": {"tags": [{}]}}]}},
        {
            "experiments/get-by-name": EXPERIMENT,
            "runs/search": {"runs": [{**RUN, "data": {"tags": [{"key": "serotiny.state", "value": {}}]}}]},
        },
        {
            "experiments/get-by-name": EXPERIMENT,
            "runs/search": {"runs": [{"info": {**RUN["info"], "start_time": "x"}}]},
        },
        {"experiments/get-by-name": EXPERIMENT, "runs/search": {"next_page_token": "again"}},
        {"experiments/get-by-name": EXPERIMENT, "runs/search": {"next_page_token": {"again": []}}},
        {"experiments/get-by-name": "[" * 100_000},
        {"experiments/get-by-name": json.dumps("x" * 51_000_000)},
    ],
)
def test_an_answer_that_is_none_of_mlflows_is_told(answers: dict[str, Any], tmp_path: Path) -> None:
    """Other types, keys that are missing, depth, size, and pages without end: the server is named, in seconds."""
    with server(answers) as uri, pytest.raises(TrackingError, match="the tracking server"):
        look_up(MlflowConfig(tracking_uri=uri, experiment_name="study"), [ASKED], tmp_path)


@pytest.mark.parametrize(
    "answers",
    [
        {"experiments/get-by-name": {"experiment": {"experiment_id": 5, "name": [1]}}},
        {"experiments/get-by-name": {"experiment": {"name": {"a": "b"}}}},
        {
            "experiments/get-by-name": LIVE,
            "runs/search": {"runs": [{"info": {**RUN["info"], "start_time": 10**30}}]},
        },
        {"experiments/get-by-name": LIVE, "runs/search": {"runs": [{**RUN, "data": {"metrics": 5}}]}},
    ],
)
def test_an_answer_that_mlflows_client_cannot_read_is_told(answers: dict[str, Any], tmp_path: Path) -> None:
    """Where runs are listed its client reads the answers; the server is named there, too."""
    with server(answers) as uri, pytest.raises(TrackingError, match="does not answer as MLflow does"):
        list_runs(MlflowConfig(tracking_uri=uri, experiment_name="study"), tmp_path)


def test_a_long_fault_of_a_server_is_cut(tmp_path: Path) -> None:
    """It tells what it says, as far as somebody reads it."""
    with server({"experiments/get-by-name": "y" * 100_000}) as uri, pytest.raises(TrackingError) as told:
        list_runs(MlflowConfig(tracking_uri=uri, experiment_name="study"), tmp_path)
    assert len(str(told.value)) < 5_000


@contextmanager
def endless_server(begins: str) -> Iterator[str]:
    """A server that answers what begins so without end, and everything else as MLflow does."""
    answers = {"mlflow/experiments/get-by-name": LIVE, "mlflow/runs/get": {"run": SERVED}}

    def send(connection: BaseHTTPRequestHandler) -> None:
        end = connection.path.partition("?")[0].partition("2.0/")[2]
        if not end.startswith(begins):
            connection.wfile.write(json.dumps(answers.get(end, {})).encode())
            return
        while True:
            connection.wfile.write(b"[" * 1_000_000)

    with serving(send) as uri:
        yield uri


@contextmanager
def serving(send: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server whose answers are what `send` writes until the other side is gone."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                send(self)

        do_GET = do_POST = answer  # noqa: N815  # as the standard library wants them

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as started:
        threading.Thread(target=started.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{started.server_port}"
        started.shutdown()


def test_an_answer_without_end_is_not_read_into_the_memory(tmp_path: Path) -> None:
    """MLflow's client, which would read any, is stopped after as many bytes as ours, and asks once."""
    with (
        endless_server("mlflow/runs/search") as uri,
        pytest.raises(
            TrackingError, match=f"the tracking server {uri} answers with more than 50,000,000 bytes"
        ),
    ):
        list_runs(MlflowConfig(tracking_uri=uri, experiment_name="study"), tmp_path)


def test_a_list_of_artifacts_without_end_is_not_read_into_the_memory() -> None:
    """It comes by other code of MLflow's."""
    with (
        endless_server("mlflow-artifacts/artifacts") as uri,
        pytest.raises(TrackingError, match="answers with more than 50,000,000 bytes"),
    ):
        RunArtifacts(open_client(uri), "a", database=None).paths("checkpoints")


def test_a_file_that_a_server_calls_a_folder_without_end_is_fetched_as_a_file(tmp_path: Path) -> None:
    """What lies in it is not asked for."""
    asked: list[str] = []

    def folder() -> dict[str, Any]:
        asked.append("")
        return {"files": [{"path": f"d{len(asked)}", "is_dir": True}]}

    answers = {"runs/get": {"run": SERVED}, "/api/2.0/mlflow-artifacts/artifacts": folder}
    with server(answers) as uri:
        file = RunArtifacts(open_client(uri), "a", database=None).fetch(
            "checkpoints/last.ckpt", tmp_path, 1000
        )

        assert tmp_path / "checkpoints" / "last.ckpt" == file
        assert b"{}" == file.read_bytes()
        assert [] == asked


def test_a_file_without_end_is_not_written_to_the_disk(tmp_path: Path) -> None:
    """It is asked for once, and nothing of it stays."""
    with (
        endless_server("mlflow-artifacts/artifacts") as uri,
        pytest.raises(TrackingError, match="answers with more than 3,000,000 bytes"),
    ):
        RunArtifacts(open_client(uri), "a", database=None).fetch("logs/train.log", tmp_path, 3_000_000)
    assert [] == [file for file in tmp_path.rglob("*") if not file.is_dir()]


@pytest.mark.parametrize("size_bytes", [10, 10**18])
def test_a_checkpoint_without_end_is_passed_over(
    size_bytes: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also one that its record says to be larger than the disk."""
    record = CheckpointRecord(path="checkpoints/last.ckpt", size_bytes=size_bytes, sha256="0")
    with endless_server("mlflow-artifacts/artifacts") as uri:
        file = fetch_checkpoint(RunArtifacts(open_client(uri), "a", database=None), record, tmp_path)
    assert file is None
    assert "checkpoint checkpoints/last.ckpt cannot be fetched" in caplog.text
    assert [] == [*tmp_path.iterdir()]


def test_what_comes_a_byte_at_a_time_is_not_waited_for(tmp_path: Path) -> None:
    """Each byte is within the time for which a connection is waited for."""

    def send(connection: BaseHTTPRequestHandler) -> None:
        while True:
            connection.wfile.write(b" ")
            time.sleep(0.01)

    start = time.monotonic()
    with serving(send) as uri:
        connection = http.client.HTTPConnection(urlsplit(uri).netloc)
        connection.request("GET", "/")
        response = connection.getresponse()
        with pytest.raises(TransientTrackingError, match="sends less than 4,000 bytes a second"):
            list(blocks_of(response.read1, uri, patience_s=0.2))
        connection.close()
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("path", ["../last.ckpt", "/last.ckpt", "a/../../last.ckpt"])
def test_a_file_with_a_path_that_leads_out_is_not_fetched(tmp_path: Path, path: str) -> None:
    """A list of artifacts that a server gives may have any."""
    with server({"runs/get": {"run": SERVED}}) as uri, pytest.raises(TrackingError, match="leads out"):
        RunArtifacts(open_client(uri), "a", database=None).fetch(path, tmp_path / "into", 1000)
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.parametrize("pages", [itertools.repeat("again"), map(str, itertools.count())])
def test_pages_without_runs_are_not_read_for_ever(pages: Iterator[str], tmp_path: Path) -> None:
    """Neither a page that names itself as the next one, nor empty pages, are asked for more than a few times."""
    asked: list[str] = []

    def page() -> dict[str, Any]:
        asked.append(next(pages))
        return {"next_page_token": asked[-1]}

    answers = {"experiments/get-by-name": LIVE, "runs/search": page}
    with (
        server(answers) as uri,
        pytest.raises(TrackingError, match="no last page of runs: it goes on after 0"),
    ):
        list_runs(MlflowConfig(tracking_uri=uri, experiment_name="study"), tmp_path)
    assert len(asked) < 12


def test_pages_of_a_metric_are_not_read_for_ever() -> None:
    """A page that names itself as the next one is asked for twice."""
    asked: list[str] = []

    def page() -> dict[str, Any]:
        asked.append("again")
        return {
            "metrics": [{"key": "loss", "value": 1, "timestamp": 1, "step": 1}],
            "next_page_token": "again",
        }

    with (
        server({"metrics/get-history": page}) as uri,
        pytest.raises(TrackingError, match="no last page of points: it goes on after 1"),
    ):
        metric_history(open_client(uri), "a", "loss")
    assert len(asked) == 2


def test_of_the_pictures_that_a_server_lists_some_are_fetched() -> None:
    """Each is a request, and a page holds all that it shows."""
    pictures = [{"path": f"{number}.png", "is_dir": False} for number in range(1_000)]
    answers = {
        "runs/get": {"run": SERVED},
        "experiments/get": LIVE,
        "/api/2.0/mlflow-artifacts/artifacts": {"files": pictures},
    }
    with server(answers) as uri:
        client = open_client(uri)
        record = record_of(client.get_run("a"))
        run = StoredRun(record, client, RunArtifacts(client, "a", database=None))
        assert 0 < len(stored_contents(run, uri).pictures) <= 200


@pytest.mark.parametrize(
    "reason",
    [
        "<!DOCTYPE HTML>\n<html><body>Error 404</body></html>",
        "failed with error code 501 != 200. Response body: ' <html>\n<p>no</p></html> '",
    ],
)
def test_a_web_page_is_named_and_not_shown(reason: str) -> None:
    """A proxy, or a server of something else at the address, answers with one; what is done about it stands behind."""
    said = str(unreachable("http://localhost:1", reason))

    assert "a web page, which no MLflow server sends" in said
    assert "<" not in said
    assert said.endswith("`++mlflow.tracking_uri=null`")
