"""Run names at full size: finding one among 100,000 runs, and the races of `tests/system/tracking`.

    python -m tests.benchmarks.bench_run_names lookup    one of 100 and one of 100,000 runs, over HTTP
    python -m tests.benchmarks.bench_run_names races     64 processes, 20 trials, on each kind of store
    python -m tests.benchmarks.bench_run_names kills     every step, 10 trials, 4 rivals

Runs are put into the database directly; making 100,000 through the server would take an hour.
"""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.lookup import look_up
from serotiny.tracking.rest import RestConnection
from tests.system.tracking.servers import MlflowServer, postgres_cluster

_CONTEST = Path(__file__).parents[1] / "system" / "tracking" / "contest.py"
_SIZES = (100, 100_000)
_REPEATS = 30


class CountingConnection(RestConnection):
    """Counts the requests that are made."""

    requests = 0

    def _ask(self, method: str, endpoint: str, body: bytes | None) -> dict[str, object]:
        type(self).requests += 1
        return super()._ask(method, endpoint, body)


@contextlib.contextmanager
def server(folder: Path, backend: str | None = None) -> Iterator[MlflowServer]:
    started = MlflowServer(folder, backend or f"sqlite:///{folder}/mlflow.db", 4)
    started.start()
    try:
        yield started
    finally:
        started.kill()


def fill(database: Path, experiment: str, runs: int) -> None:
    """An experiment with that many finished runs of different names, with tags as serotiny's have."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        cursor = connection.execute(
            "INSERT INTO experiments (name, artifact_location, lifecycle_stage, workspace) VALUES (?, ?, ?, ?)",
            (experiment, "mlflow-artifacts:/x", "active", "default"),
        )
        number = cursor.lastrowid
        ids = [f"{number:04x}{index:028x}" for index in range(runs)]
        connection.executemany(
            "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
            " artifact_uri, experiment_id) VALUES (?, ?, 'UNKNOWN', 'x', 'FINISHED', ?, ?, 'active', 'x', ?)",
            [(run, f"run {index}", index, index + 1, number) for index, run in enumerate(ids)],
        )
        tags = {
            "serotiny.state": "owned",
            "serotiny.heartbeat": "1",
            "serotiny.host": "x",
            "serotiny.token": "x",
        }
        connection.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
            [(key, value, run) for run in ids for key, value in tags.items()],
        )
        # MLflow's filter on a run's name reads this tag, not the run's own column.
        connection.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.runName', ?, ?)",
            [(f"run {index}", run) for index, run in enumerate(ids)],
        )


def lookup() -> None:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as store:
        medians = []
        for size in _SIZES:
            fill(Path(folder) / "mlflow.db", f"{size} runs", size)
            settings = MlflowConfig(tracking_uri=store.uri, experiment_name=f"{size} runs")
            times = []
            for repeat in range(_REPEATS):
                start = time.perf_counter()
                report = look_up(settings, [f"run {size * repeat // _REPEATS}"], Path(folder))[0]
                times.append(time.perf_counter() - start)
                assert "finished" == report.state, report
            medians.append(statistics.median(times))
            print(f"{size:>7} runs: {medians[-1] * 1000:.1f} ms a name")
        print(f"ratio {medians[1] / medians[0]:.2f}; requests for one name: {requests_for_one_name(store)}")


def requests_for_one_name(store: MlflowServer) -> int:
    from serotiny.tracking.lookup import _RestFinder

    CountingConnection.requests = 0
    with contextlib.closing(CountingConnection(store.uri)) as connection:
        _RestFinder(connection, f"{_SIZES[1]} runs").find("run 7")
    return CountingConnection.requests


def contests(*arguments: str) -> None:
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        folder.chmod(0o755)
        cluster = stack.enter_context(postgres_cluster(folder / "cluster"))
        stores = {
            "http, sqlite": stack.enter_context(server(folder / "http-sqlite")).uri,
            "http, PostgreSQL": stack.enter_context(server(folder / "http-postgres", cluster)).uri,
            "sqlite": f"sqlite:///{folder}/plain.db",
        }
        for kind, uri in stores.items():
            print(kind, flush=True)
            subprocess.run([sys.executable, str(_CONTEST), arguments[0], uri, *arguments[1:]], check=True)


def main() -> None:
    what = sys.argv[1]
    if what == "lookup":
        lookup()
    elif what == "races":
        contests("race", "64", "20")
    else:
        contests("kill", "10", "4")


if __name__ == "__main__":
    main()
