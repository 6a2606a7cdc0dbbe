"""Artifacts are fetched from a store as MLflow does."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.stored_run import StoredRun


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


def _link(file: Path, _: Path) -> None:
    file.symlink_to("/etc/passwd")


def _loop(file: Path, _: Path) -> None:
    file.symlink_to(file)


def _pipe(file: Path, _: Path) -> None:
    os.mkfifo(file)


def _folder(file: Path, _: Path) -> None:
    file.mkdir()


def _folder_elsewhere(file: Path, outside: Path) -> None:
    file.parent.rmdir()
    (outside / file.name).write_text("not the run's")
    file.parent.symlink_to(outside)


def _folder_without_end(file: Path, _: Path) -> None:
    file.parent.rmdir()
    file.parent.symlink_to(file.parent)


@pytest.mark.filterwarnings("ignore")  # MLflow with a newer SQLAlchemy
@pytest.mark.parametrize("plant", [_link, _loop, _pipe, _folder, _folder_elsewhere, _folder_without_end])
def test_what_is_no_file_of_the_runs_own_is_told_as_that(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    """The artifact is named, with the folder of the run and what to do; it is not waited for."""
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.create_experiment("e", artifact_location=(tmp_path / "store").as_uri())
    run_id = client.create_run(experiment, run_name="one").info.run_id
    file = tmp_path / "store" / run_id / "artifacts" / "config" / "train.yaml"
    file.parent.mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    plant(file, tmp_path / "outside")
    run = StoredRun.open(f"sqlite:///{tmp_path}/mlflow.db", "one")

    with pytest.raises(TrackingError) as caught:
        run.config()

    assert not isinstance(caught.value, TransientTrackingError)
    assert f"config of run {run_id} (config/train.yaml) cannot be fetched: " in str(caught.value)
    assert "Invalid path" not in str(caught.value)
    assert "see in the store what lies there" in str(caught.value)
