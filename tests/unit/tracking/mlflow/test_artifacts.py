"""Artifacts are fetched from a store as MLflow does."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts


class _NotingClient(MlflowClient):
    """MLflow's client, which notes the threads that it fetches in."""

    threads: list[threading.Thread]

    def download_artifacts(self, *arguments: Any) -> str:
        self.threads = [threading.current_thread()]
        return super().download_artifacts(*arguments)


@pytest.mark.filterwarnings("ignore")  # MLflow with a newer SQLAlchemy
def test_a_signal_cannot_break_off_mlflow_while_it_fetches(tmp_path: Path) -> None:
    """It fetches in another thread than the one that runs handlers of signals; its errors are told all the same."""
    client = _NotingClient(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.create_experiment("e", artifact_location=(tmp_path / "store").as_uri())
    run_id = client.create_run(experiment).info.run_id
    client.log_text(run_id, "text", "folder/file.txt")
    artifacts = RunArtifacts(client, run_id, None)
    (tmp_path / "into").mkdir()

    fetched = artifacts.fetch("folder/file.txt", tmp_path / "into", 1000)

    assert "text" == fetched.read_text()
    assert threading.main_thread() not in client.threads
    (tmp_path / "store" / run_id / "artifacts" / "folder" / "file.txt").unlink()
    with pytest.raises(Exception, match=r"file\.txt") as caught:
        artifacts.fetch("folder/file.txt", tmp_path / "into", 1000)
    assert not isinstance(caught.value, TransientTrackingError)


HOST = "http://artifacts.example:80/api/2.0/mlflow-artifacts/artifacts"


@pytest.mark.filterwarnings("ignore")  # MLflow with a newer SQLAlchemy
@pytest.mark.parametrize("location", [HOST, "mlflow-artifacts://artifacts.example:80/x", "models:/a/1"])
def test_a_host_that_only_a_database_names_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    """MLflow would send its credentials there; nor is a location believed that leads to another one."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    run_id = client.create_run(client.create_experiment("e", artifact_location=location)).info.run_id
    artifacts = RunArtifacts(client, run_id, tmp_path / "mlflow.db")

    with pytest.raises(TrackingError, match="cannot be used"):
        artifacts.paths("config")


@pytest.mark.filterwarnings("ignore")  # MLflow with a newer SQLAlchemy
def test_a_location_that_is_none_is_told(tmp_path: Path) -> None:
    """Missing, empty, and what cannot be an address; an empty one would be the current folder."""
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    run_id = client.create_run("0").info.run_id
    for location in (None, "", "http://[::1"):
        with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
            database.execute("UPDATE runs SET artifact_uri = ?", (location,))
        with pytest.raises(TrackingError, match="does not say where they lie"):
            RunArtifacts(client, run_id, tmp_path / "mlflow.db").paths("config")


@pytest.mark.filterwarnings("ignore")  # MLflow with a newer SQLAlchemy
def test_a_host_that_the_user_names_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not there, and so cannot be reached."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://artifacts.invalid:80")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    location = HOST.replace("artifacts.example", "artifacts.invalid")
    run_id = client.create_run(client.create_experiment("e", artifact_location=location)).info.run_id

    with pytest.raises(TransientTrackingError):
        RunArtifacts(client, run_id, tmp_path / "mlflow.db").paths("config")
