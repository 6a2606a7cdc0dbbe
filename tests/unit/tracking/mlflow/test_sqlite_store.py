"""What may lie where a sqlite store should be: told in one sentence, and neither waited for, run, nor added to."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.mlflow.sqlite.store import opening
from serotiny.tracking.mlflow.store import open_store
from serotiny.tracking.mlflow.stored_run import StoredRun

MANY = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20001)"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS experiment_id FROM n WHERE x < 0"


def _made_by(script: str) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        database = sqlite3.connect(file)
        database.executescript(script)
        database.close()

    return make


def _named_pipe_beside(end: str) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        _made_by("PRAGMA user_version = 1")(file)
        os.mkfifo(f"{file}{end}")

    return make


def _bind(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(file))


def _sparse(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(50_000_000_000)


def _cut_off(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + bytes(84))


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "folder": (Path.mkdir, "is no plain file"),
    "pipe": (os.mkfifo, "is no plain file"),
    "socket": (_bind, "is no plain file"),
    "device": (lambda file: file.symlink_to("/dev/zero"), "is no plain file"),
    "link to nothing": (lambda file: file.symlink_to("nothing"), "is no plain file"),
    "link to itself": (lambda file: file.symlink_to(file.name), "is no plain file"),
    "pipe as journal": (_named_pipe_beside("-journal"), "-journal is no plain file"),
    "pipe as log": (_named_pipe_beside("-wal"), "-wal is no plain file"),
    "sparse file": (_sparse, "file is not a database"),
    "header alone": (_cut_off, "malformed|not a database"),
    "other tables": (_made_by("CREATE TABLE notes (x)"), "holds the tables of another program"),
    "endless view": (_made_by(f"CREATE TABLE runs (x); CREATE VIEW experiments AS {ENDLESS}"), "`experiments` is a view"),
    "only a view": (_made_by(f"CREATE VIEW experiments AS {ENDLESS}"), "holds the tables of another program"),
    "trigger": (
        _made_by("CREATE TABLE runs (x); CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END"),
        "a trigger of `runs`",
    ),
    "experiments without end": (
        _made_by("CREATE TABLE experiments AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 90000)"
                 " SELECT 0 AS experiment_id FROM n"),
        "was made by another version of MLflow",
    ),
    "tables by half": (
        _made_by("CREATE TABLE experiments (experiment_id); CREATE TABLE trace_info (request_id)"),
        "are made by half, by a process that was ended; move that file away",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_store_of_mlflows_is_told(kind: str, tmp_path: Path) -> None:
    """One line names the file and what to do; no table of MLflow's was added."""
    make, said = KINDS[kind]
    file = tmp_path / "mlflow.db"
    make(file)

    with pytest.raises(TrackingError, match=said) as caught:
        open_store(MlflowConfig(tracking_uri=f"sqlite:///{file}"), tmp_path)

    assert "mlflow.db" in str(caught.value)
    assert "\n" not in str(caught.value)
    if kind == "other tables":
        with sqlite3.connect(file) as database:
            assert [("notes",)] == database.execute("SELECT name FROM sqlite_master").fetchall()
        database.close()


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    """What it leads to keeps its content, and what is not there is not made."""
    (tmp_path / "notes").write_text("kept")
    lock = tmp_path / ".mlflow.db.lock"
    for target in ("notes", "nothing"):
        lock.symlink_to(target)
        with (
            pytest.raises(OSError, match="symbolic links"),
            opening(tmp_path / "mlflow.db", "sqlite:///mlflow.db", lambda _uri: None),
        ):
            pass
        lock.unlink()

    assert "kept" == (tmp_path / "notes").read_text()
    assert not (tmp_path / "nothing").exists()


def test_a_store_whose_making_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    """Ctrl-C while the tables are made leaves no file, and what a killed process has left is no hindrance."""
    file = tmp_path / "mlflow.db"

    def interrupted(uri: str) -> None:
        _made_by("CREATE TABLE experiments (experiment_id)")(Path(uri.removeprefix("sqlite:///")))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), opening(file, f"sqlite:///{file}", interrupted):
        pass
    assert [tmp_path / ".mlflow.db.lock"] == list(tmp_path.iterdir())

    _made_by("CREATE TABLE trace_info (request_id)")(tmp_path / ".mlflow.db.new")
    client = open_store(MlflowConfig(tracking_uri=f"sqlite:///{file}"), tmp_path).client
    assert "0" == client.get_experiment("0").experiment_id
    assert not (tmp_path / ".mlflow.db.new").exists()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a store with one run."""
    file = tmp_path_factory.mktemp("made") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").create_run("0", tags={"serotiny.state": "owned"}, run_name="a run")
    return file


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE runs DROP COLUMN user_id", "was made by another version of MLflow.*mlflow db upgrade"),
        ("ALTER TABLE tags RENAME COLUMN value TO text", "was made by another version of MLflow"),
        ("UPDATE alembic_version SET version_num = 'later'", "was made by another version of MLflow"),
        (f"{MANY} INSERT INTO tags SELECT x, x, run_uuid FROM n, runs", "has more than 20,000 tags"),
        (f"{MANY} INSERT INTO params SELECT x, x, run_uuid FROM n, runs", "has more than 20,000 params"),
    ],
)
def test_a_store_of_mlflows_that_cannot_be_read_is_told_as_what_it_is(
    made: Path, tmp_path: Path, change: str, said: str
) -> None:
    """A column of another name is of another version; of a run with tags without end nothing is read."""
    file = tmp_path / "mlflow.db"
    shutil.copy(made, file)
    _made_by(change)(file)

    with pytest.raises(TrackingError, match=said) as caught:
        StoredRun.open(f"sqlite:///{file}", "a run")

    assert not isinstance(caught.value, TransientTrackingError)
