"""Artifacts are fetched from a store as MLflow does."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from serotiny.tracking.errors import TransientTrackingError
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

    fetched = artifacts.fetch("folder/file.txt", tmp_path / "into")

    assert "text" == fetched.read_text()
    assert threading.main_thread() not in client.threads
    (tmp_path / "store" / run_id / "artifacts" / "folder" / "file.txt").unlink()
    with pytest.raises(Exception, match=r"file\.txt") as caught:
        artifacts.fetch("folder/file.txt", tmp_path / "into")
    assert not isinstance(caught.value, TransientTrackingError)
