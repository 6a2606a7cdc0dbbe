"""A run that is read from the file of a sqlite store is the one that MLflow reads, or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from mlflow import MlflowClient

from serotiny.tracking.mlflow.registry import record_of
from serotiny.tracking.mlflow.sqlite.filed_run import filed_run

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

OWNED = {
    "serotiny.state": "owned",
    "serotiny.run_dir": "outputs/é",
    "serotiny.checkpoint.last": '{"path": "a"}',
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ml flow.db"


@pytest.fixture
def client(database: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{database}")


@pytest.fixture
def experiment(client: MlflowClient, tmp_path: Path) -> str:
    return str(client.create_experiment("study", (tmp_path / "mlartifacts").as_uri()))


def test_a_run_is_the_one_that_mlflow_gives(client: MlflowClient, experiment: str, database: Path) -> None:
    """By its id and by its name, in its experiment and in all of them."""
    client.create_run(experiment, tags=OWNED, run_name="another")
    made = client.create_run(experiment, tags={**OWNED, "mine": "1"}, run_name="o'ne ü")
    client.log_text(made.info.run_id, "a: 1\n", "config/train.yaml")
    expected = record_of(client.get_run(made.info.run_id))

    for found in (
        filed_run(database, run_id=made.info.run_id),
        filed_run(database, run_id=made.info.run_id, experiment="study"),
        filed_run(database, name="o'ne ü"),
        filed_run(database, name="o'ne ü", experiment="study"),
    ):
        assert found is not None
        assert (expected.run_id, expected.name, expected.status, expected.experiment_id) == (
            found.record.run_id,
            found.record.name,
            found.record.status,
            found.record.experiment_id,
        )
        assert found.record.tags == OWNED
        assert unquote(urlsplit(str(made.info.artifact_uri)).path) == str(found.folder)
        assert found.text("config/train.yaml") == "a: 1\n"


def _delete(client: MlflowClient, run_id: str, _: str) -> None:
    client.delete_run(run_id)


def _delete_experiment(client: MlflowClient, _: str, experiment: str) -> None:
    client.delete_experiment(experiment)


def _make_another(client: MlflowClient, _: str, experiment: str) -> None:
    client.create_run(experiment, run_name="one")


def _claim(client: MlflowClient, run_id: str, _: str) -> None:
    client.set_tag(run_id, "serotiny.state", "pending")


@pytest.mark.parametrize("change", [_delete, _delete_experiment, _make_another, _claim])
def test_what_is_no_single_run_of_the_name_is_left_to_mlflow(
    client: MlflowClient,
    experiment: str,
    database: Path,
    change: Callable[[MlflowClient, str, str], None],
) -> None:
    """A deleted run or experiment, a claim, and a name of two runs are told by those who open the store."""
    made = client.create_run(experiment, tags=OWNED, run_name="one")
    change(client, made.info.run_id, experiment)

    assert filed_run(database, name="one") is None


def test_a_claim_beside_a_run_does_not_count(client: MlflowClient, experiment: str, database: Path) -> None:
    """It is no run yet, as for those who look for the name by way of MLflow."""
    made = client.create_run(experiment, tags=OWNED, run_name="one")
    client.create_run(experiment, tags={"serotiny.state": "pending"}, run_name="one")

    found = filed_run(database, name="one")

    assert found is not None
    assert made.info.run_id == found.record.run_id


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"


@pytest.mark.parametrize(
    "statements",
    [
        "UPDATE runs SET artifact_uri = 'file:///etc'",
        "UPDATE runs SET artifact_uri = 'http://127.0.0.1/a'",
        "UPDATE runs SET artifact_uri = 'file://elsewhere/a'",
        "UPDATE runs SET artifact_uri = 'http://[::1'",
        "UPDATE runs SET artifact_uri = x'ff'",
        "UPDATE runs SET name = 5, artifact_uri = NULL",
        f"DROP TABLE tags; CREATE VIEW tags AS SELECT 'serotiny.a' AS key, x AS value, x AS run_uuid FROM ({ENDLESS})",
        f"ALTER TABLE runs RENAME TO other; CREATE TABLE runs(run_uuid, name, status, artifact_uri, experiment_id, "
        f"lifecycle_stage); INSERT INTO runs SELECT x, 'two', '', '', 1, 'active' FROM ({ENDLESS}) LIMIT 2000000",
        "DROP TABLE experiments",
    ],
)
def test_a_store_of_another_form_is_left_to_mlflow(
    client: MlflowClient, experiment: str, database: Path, statements: str
) -> None:
    """Neither a location that would not be used nor a table without end is gone into."""
    client.create_run(experiment, tags=OWNED, run_name="one")
    with closing(sqlite3.connect(database)) as held:
        held.executescript(statements)

    assert filed_run(database, name="one") is None


def test_a_file_that_is_none_of_sqlites_is_left_to_mlflow(tmp_path: Path) -> None:
    """So is one that does not exist, which is not made."""
    (tmp_path / "a.db").write_text("something else" * 1_000)

    assert filed_run(tmp_path / "a.db", name="one") is None
    assert filed_run(tmp_path / "b.db", name="one") is None
    assert not (tmp_path / "b.db").exists()


def test_a_link_among_the_artifacts_is_not_followed(
    client: MlflowClient, experiment: str, database: Path, tmp_path: Path
) -> None:
    """What it leads to is none of the run's."""
    client.create_run(experiment, tags=OWNED, run_name="one")
    found = filed_run(database, name="one")
    assert found is not None
    (tmp_path / "key").write_text("not for the run")
    found.folder.mkdir(parents=True)
    (found.folder / "a").symlink_to(tmp_path / "key")
    (found.folder / "b").symlink_to(tmp_path)

    assert found.text("a") is None
    assert found.text("b/key") is None
    assert found.text("../artifacts/../../key") is None
