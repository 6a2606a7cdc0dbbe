"""A tracking server names the place of a run's artifacts; MLflow sends its credentials wherever that is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mlflow import MlflowClient

from serotiny.ml_ops.mlflow_utils import load_config
from serotiny.schemas.rules.user_hosts import trust_hosts
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from tests.system.tracking.servers import MlflowServer

TOKEN = "planted-token"
OTHER = "0.0.0.0"  # this machine, under a name that is none of the trusted ones


@contextmanager
def other_host() -> Iterator[tuple[int, list[str]]]:
    """A server on all addresses of this machine: its port, and the credentials that it was sent."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(str(self.headers.get("Authorization")))
            self.send_response(200)
            self.send_header("Content-Length", "13")
            self.end_headers()
            self.wfile.write(b'{"files": []}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((OTHER, 0), Handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving.server_port, sent
        serving.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    folder = tmp_path_factory.mktemp("server")
    running = MlflowServer(folder, f"sqlite:///{folder}/mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        # a server that means no good takes any location
        patch.setenv("MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES", "http,mlflow-artifacts")
        running.start()
    yield running
    running.kill()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", TOKEN)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    trust_hosts(())


@pytest.mark.parametrize("scheme", ["http", "mlflow-artifacts"])
def test_another_host_that_a_server_names_is_sent_nothing(
    server: MlflowServer, tmp_path: Path, scheme: str
) -> None:
    """It is an error that names the host; once the project's table has that host, MLflow asks it, with the token."""
    client = MlflowClient(server.uri)
    with other_host() as (port, sent):
        location = f"{scheme}://{OTHER}:{port}/api/2.0/mlflow-artifacts/artifacts"
        experiment = client.create_experiment(scheme, artifact_location=location)
        run_id = client.create_run(experiment).info.run_id
        (tmp_path / "file.txt").write_text("text")

        with pytest.raises(TrackingError, match=r"`0\.0\.0\.0`.*`trusted_hosts`"):
            RunArtifacts(client, run_id, None).put(tmp_path / "file.txt", "folder")
        with pytest.raises(TrackingError, match=r"`0\.0\.0\.0`.*`trusted_hosts`"):
            load_config(server.uri, run_id)
        assert [] == sent

        trust_hosts((OTHER,))
        assert set() == RunArtifacts(client, run_id, None).paths("folder")
        assert [f"Bearer {TOKEN}"] == sent


def test_the_project_around_the_folder_names_hosts(server: MlflowServer, tmp_path: Path) -> None:
    """As for a run that is loaded in a notebook."""
    (tmp_path / "study/config").mkdir(parents=True)
    table = f'[tool.serotiny]\npackage = "study"\ntrusted_hosts = ["{OTHER}"]\n'
    (tmp_path / "pyproject.toml").write_text(table)
    client = MlflowClient(server.uri)
    with other_host() as (port, sent):
        location = f"http://{OTHER}:{port}/api/2.0/mlflow-artifacts/artifacts"
        run_id = client.create_run(client.create_experiment("loaded", location)).info.run_id

        with pytest.raises(TrackingError, match="has no config"):
            load_config(server.uri, run_id)
        assert sent


def test_the_own_host_of_a_server_needs_no_entry(server: MlflowServer, tmp_path: Path) -> None:
    """Artifacts that it passes on itself are stored and listed, under both of their names."""
    client = MlflowClient(server.uri)
    for name, location in (("own", None), ("named", f"mlflow-artifacts://127.0.0.1:{server.port}/named")):
        run_id = client.create_run(client.create_experiment(name, location)).info.run_id
        (tmp_path / "file.txt").write_text("text")
        artifacts = RunArtifacts(client, run_id, None)

        artifacts.put(tmp_path / "file.txt", "folder")

        assert {"folder/file.txt"} == artifacts.paths("folder")
