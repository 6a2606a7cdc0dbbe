"""A stored run by its name, however many experiments its store has."""

from __future__ import annotations

from pathlib import Path

from mlflow import MlflowClient

from serotiny.tracking.mlflow.name_filters import PAGE
from serotiny.tracking.mlflow.store import open_client
from serotiny.tracking.mlflow.stored_run import StoredRun

from .lying_proxy import gone, lying_proxy, truth


def _run_before(client: MlflowClient, name: str, others: int) -> str:
    """The id of a run in an experiment that is older than so many others."""
    experiment = client.create_experiment(f"of {name}")
    run = client.create_run(experiment, run_name=name)
    for number in range(others):
        client.create_experiment(f"{number} after {name}")
    return str(run.info.run_id)


def test_run_is_found_in_an_experiment_beyond_the_first_page(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    run_id = _run_before(open_client(uri), "old", PAGE)

    assert run_id == StoredRun.open(uri, "old").record.run_id


def test_number_of_requests_does_not_grow_with_the_experiments(http_sqlite: str) -> None:
    """One for the address, one to see that the server answers in time, one for the experiments, one for the runs."""
    run_id = _run_before(open_client(http_sqlite), "found in four requests", 20)

    with lying_proxy(http_sqlite, [truth] * 4 + [gone] * 1000) as uri:
        assert run_id == StoredRun.open(uri, "found in four requests").record.run_id
