"""Disks that are full or read-only, databases that are locked or of another version, servers that lie: met for real."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from serotiny.diagnostics import SerotinyError
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import Finished, JournalError, Refusal, RunRequest, RunSession, TrackingError, open_run
from serotiny.tracking.mlflow.stored_run import StoredRun

from .lying_proxy import internal_error, lying_proxy, no_gateway, too_many, truncated, truth
from .servers import postgres_binaries, postgres_cluster

_STEPS = 50


def request(root: Path, run_dir: Path | None = None) -> RunRequest:
    return RunRequest(
        operation="train",
        run_name="a run",
        logged_config={"model": {"lr": 0.1}},
        identity="identity",
        run_dir=run_dir or root / "job",
        project_root=root,
    )


def started(settings: MlflowConfig, asked: RunRequest) -> RunSession:
    outcome = open_run(settings, asked)
    assert not isinstance(outcome, Refusal | Finished), outcome
    return outcome


def log_steps(session: RunSession, first: int = 0) -> None:
    for step in range(first, first + _STEPS):
        session.log_metrics({"loss": 1.0 / (step + 1)}, step)


def log_without_end(session: RunSession, steps: Iterator[int]) -> None:
    for step in steps:
        session.log_metrics({"loss": 1.0 / (step + 1)}, step)


def fill(disk: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(1024))
    return filler


def stored_steps(uri: str, run_id: str, root: Path) -> list[int]:
    client = StoredRun.open(uri, run_id, root).client
    return sorted(point.step for point in client.get_metric_history(run_id, "loss"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_full_disk_is_one_clear_error_and_loses_nothing(
    disk: Path, tmp_path: Path, plain_sqlite: str
) -> None:
    """The journal that cannot grow says so; with space again the same command sends what was written, and goes on."""
    settings = MlflowConfig(tracking_uri=plain_sqlite, experiment_name="full disk", drain_s=60)
    asked = request(tmp_path, disk / "job")
    session = started(settings, asked)
    log_steps(session)
    filler = fill(disk)
    steps = itertools.count(_STEPS)
    with pytest.raises(JournalError, match="No space left on device; free some space or") as caught:
        log_without_end(session, steps)
    written = next(steps) - 1
    failed = session.close("FAILED")
    filler.unlink()

    again = started(settings, asked)
    again.log_metrics({"loss": 0.0}, written)
    report = again.close("FINISHED")

    assert "\n" not in str(caught.value)
    assert "No space left on device" in failed.left[0]
    assert () == report.left
    assert list(range(written + 1)) == stored_steps(plain_sqlite, again.info.run_id, tmp_path)


def test_full_disk_at_the_start_is_one_clear_error(disk: Path, tmp_path: Path, plain_sqlite: str) -> None:
    """Nothing is started; the run's folder is named."""
    fill(disk)
    settings = MlflowConfig(tracking_uri=plain_sqlite, experiment_name="full disk at the start")
    with pytest.raises(SerotinyError, match="No space left on device; free some space or choose"):
        open_run(settings, request(tmp_path, disk / "job"))


def test_folder_of_an_earlier_start_that_is_read_only_by_now_holds_up_nothing(
    disk: Path, tmp_path: Path, http_sqlite: str
) -> None:
    """What that start had not sent is sent all the same; the run goes on in another folder and finishes."""
    away = threading.Event()
    with lying_proxy(http_sqlite, [lambda ask: None if away.is_set() else ask()]) as uri:
        settings = MlflowConfig(tracking_uri=uri, experiment_name="read-only", drain_s=0.5)
        session = started(settings, request(tmp_path, disk / "job"))
        away.set()
        log_steps(session)
        (disk / "job" / "last.ckpt").write_bytes(b"weights")
        session.upload_checkpoint(disk / "job" / "last.ckpt", step=_STEPS)
        left = session.close("FAILED").left
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    settings = MlflowConfig(tracking_uri=http_sqlite, experiment_name="read-only", drain_s=60)
    resumed = started(settings, request(tmp_path))
    sources = [source.file for source in resumed.checkpoints()]
    log_steps(resumed, _STEPS)
    report = resumed.close("FINISHED")

    run = StoredRun.open(http_sqlite, session.info.run_id)
    assert "bytes of the journal have not reached the tracking store" in left[0]
    assert disk / "job" / "last.ckpt" in sources
    assert (session.info.run_id, "FINISHED", ()) == (
        resumed.info.run_id,
        run.record.status,
        report.left,
    )
    assert b"weights" == run.checkpoint("last", tmp_path / "got").read_bytes()
    assert list(range(2 * _STEPS)) == stored_steps(http_sqlite, session.info.run_id, tmp_path)


def test_read_only_disk_is_one_clear_error(disk: Path, tmp_path: Path, plain_sqlite: str) -> None:
    """For the run's folder as for the database: what cannot be written is named, with the system's own word."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    settings = MlflowConfig(tracking_uri=plain_sqlite, experiment_name="read-only")

    with pytest.raises(SerotinyError, match=rf"{disk}/job cannot be made or written: Read-only file system"):
        open_run(settings, request(tmp_path, disk / "job"))
    with pytest.raises(TrackingError, match=r"mlflow\.db cannot be opened: Read-only file system"):
        open_run(
            settings.model_copy(update={"tracking_uri": f"sqlite:///{disk}/mlflow.db"}), request(tmp_path)
        )


_HOLD = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], timeout=60)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextlib.contextmanager
def locked(file: Path, seconds: float) -> Iterator[None]:
    """Within, a process holds the lock of a database, for so long at most."""
    command = [sys.executable, "-c", _HOLD, str(file), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert "locked\n" == holder.stdout.readline()
        try:
            yield
        finally:
            holder.kill()


def test_locked_database_holds_up_nothing_and_gets_everything_later(tmp_path: Path) -> None:
    """While another process has the lock the job goes on; once it is free each point is there once."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    session = started(MlflowConfig(tracking_uri=uri, drain_s=90), request(tmp_path))
    with locked(tmp_path / "mlflow.db", 8):
        log_steps(session)
        report = session.close("FINISHED")

    assert () == report.left
    assert list(range(_STEPS)) == stored_steps(uri, session.info.run_id, tmp_path)


def test_database_that_stays_locked_is_an_error_within_a_minute(tmp_path: Path) -> None:
    """A start says who is in the way: the lock, not the address."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    started(MlflowConfig(tracking_uri=uri), request(tmp_path)).close("FINISHED")
    with (
        locked(tmp_path / "mlflow.db", 600),
        pytest.raises(TrackingError, match="database is locked") as caught,
    ):
        open_run(MlflowConfig(tracking_uri=uri), request(tmp_path, tmp_path / "second"))

    assert "\n" not in str(caught.value)


_MIGRATE = """
import sys
import threading
import sqlalchemy
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
Base.metadata.create_all(sqlalchemy.create_engine(sys.argv[1]))
command.upgrade(_get_alembic_config(sys.argv[1]), sys.argv[2])
"""


def test_database_of_an_older_mlflow_is_left_alone(tmp_path: Path) -> None:
    """Its tables are not changed in passing: the error names the command that does that, after a backup."""
    file = tmp_path / "mlflow.db"
    uri = f"sqlite:///{file}"
    # MLflow 1.29: its tables as its own migrations make them
    made = subprocess.run(
        [sys.executable, "-c", _MIGRATE, uri, "97727af70f4d"], check=False, capture_output=True, text=True
    )
    assert 0 == made.returncode, made.stderr
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) "
            "VALUES (0, 'Default', 'here', 'active')"
        )
    database.close()
    before = schema_of(file)

    with pytest.raises(TrackingError, match=f"mlflow db upgrade {uri}") as caught:
        open_run(MlflowConfig(tracking_uri=uri), request(tmp_path))

    assert "\n" not in str(caught.value)
    assert before == schema_of(file)


def test_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    """A text file as the store is told in one sentence with what to do, and stays as it is."""
    (tmp_path / "notes.db").write_text("no database, but a few lines of notes\n" * 9)

    with pytest.raises(TrackingError, match="file is not a database; move that file away") as caught:
        open_run(MlflowConfig(tracking_uri=f"sqlite:///{tmp_path}/notes.db"), request(tmp_path))

    assert "SQL:" not in str(caught.value)
    assert (tmp_path / "notes.db").read_text().startswith("no database")


def test_postgresql_of_an_older_mlflow_is_left_alone(tmp_path: Path) -> None:
    """Behind no server it would be migrated in passing: the error names the command that does that, after a backup."""
    if postgres_binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres_cluster() as uri:
        made = subprocess.run(
            [sys.executable, "-c", _MIGRATE, uri, "97727af70f4d"], check=False, capture_output=True, text=True
        )
        assert 0 == made.returncode, made.stderr
        engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.NullPool)
        before = sorted(sqlalchemy.inspect(engine).get_table_names())

        with pytest.raises(TrackingError, match="mlflow db upgrade") as caught:
            open_run(MlflowConfig(tracking_uri=uri), request(tmp_path))

        assert "\n" not in str(caught.value)
        assert before == sorted(sqlalchemy.inspect(engine).get_table_names())


def schema_of(file: Path) -> list[tuple[str]]:
    database = sqlite3.connect(file)
    try:
        return database.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    finally:
        database.close()


@pytest.mark.timeout(240)
def test_server_that_lies_gets_every_point_once(http_sqlite: str, tmp_path: Path) -> None:
    """Errors, `429` and half answers in between, also for what was carried out: nothing is lost, refused or doubled."""
    lies = [truth, internal_error, truth, too_many, truth, truncated, truth, no_gateway, truth]
    with lying_proxy(http_sqlite, lies) as uri:
        settings = MlflowConfig(tracking_uri=uri, experiment_name="lies", drain_s=120)
        session = started(settings, request(tmp_path))
        checkpoint = tmp_path / "job" / "last.ckpt"
        checkpoint.write_bytes(b"weights")
        session.log_params({"lr": 0.1})
        log_steps(session)
        session.upload_checkpoint(checkpoint, step=_STEPS)
        report = session.close("FINISHED")

    run = StoredRun.open(http_sqlite, session.info.run_id)
    assert () == report.left
    assert [] == list((tmp_path / "job").rglob("refused.jsonl"))
    assert ("FINISHED", b"weights") == (
        run.record.status,
        run.checkpoint("last", tmp_path / "got").read_bytes(),
    )
    assert list(range(_STEPS)) == stored_steps(http_sqlite, session.info.run_id, tmp_path)
    assert 1 == len(run.client.search_runs([run.record.experiment_id]))


@pytest.mark.parametrize("lie", [internal_error, too_many, truncated, no_gateway])
def test_server_that_only_lies_is_one_clear_error(
    http_sqlite: str, tmp_path: Path, lie: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start gives up after a few requests, with what the server says."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # by MLflow's client: ours repeats them
    with (
        lying_proxy(http_sqlite, [lie]) as uri,  # type: ignore[list-item]
        pytest.raises(TrackingError, match=r"the tracking store .* cannot be reached") as caught,
    ):
        open_run(MlflowConfig(tracking_uri=uri), request(tmp_path))

    assert "\n" not in str(caught.value)
