"""Run names: finding one among 100,000 runs, and the contests of `tests/system/tracking`.

    python -m tests.benchmarks.bench_run_names lookup    one of 100 and one of 100,000 runs, over HTTP
    python -m tests.benchmarks.bench_run_names sweep     1,000 names of 10,000 runs, over HTTP
    python -m tests.benchmarks.bench_run_names races     64 processes, 20 trials, on each kind of store
    python -m tests.benchmarks.bench_run_names kills     every step, 10 trials, 4 rivals, on each kind of store

These are at full size; as part of the whole table the contests have fewer trials. Runs are put into the
database directly; making 100,000 through the server would take an hour.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.lookup import look_up
from serotiny.tracking.mlflow.http.rest import RestConnection
from serotiny.tracking.session import AskedRun
from tests.benchmarks.row import Row, table
from tests.system.tracking.contest import STALE_S
from tests.system.tracking.servers import MlflowServer, postgres_binaries, postgres_cluster

_CONTEST = Path(__file__).parents[1] / "system" / "tracking" / "contest.py"
_IDENTITY = "0" * 64
_SIZES = (100, 100_000)
_REPEATS = 30
_SWEEP_RUNS = 10_000
_SWEEP_NAMES = 1_000
_PROCESSES = 64
_AT_ONCE = 4
_HTTP_POSTGRES = "HTTP, PostgreSQL"
_STORES = ("HTTP, sqlite", _HTTP_POSTGRES, "sqlite")


def rows() -> Iterator[Row]:
    """Lookup at full size, contests with few trials."""
    yield from lookup()
    yield from sweep()
    yield from races(trials=2)
    yield from kills(trials=1, stores=_STORES[:1])


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
            "serotiny.identity": _IDENTITY,
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


def lookup() -> Iterator[Row]:
    """The time and the requests that a name costs."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as store:
        few, many = (_lookup_s(Path(folder), store, size) for size in _SIZES)
        requests = requests_for(store, f"{_SIZES[1]} runs", ["run 7"])
    shown = f"{few * 1000:.1f} / {many * 1000:.1f} ms"
    trials = f"{_REPEATS} lookups each, HTTP, sqlite"
    yield Row("a name among 100,000 runs / among 100", shown, many / few, 1.5, beside=trials)
    yield Row("a name among 100,000 runs, requests", "", requests, 3)


def sweep() -> Iterator[Row]:
    """The time and the requests that the names of a sweep cost together."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as store:
        fill(Path(folder) / "mlflow.db", "sweep", _SWEEP_RUNS)
        names = [f"run {index}" for index in range(_SWEEP_NAMES)]
        settings = MlflowConfig(tracking_uri=store.uri, experiment_name="sweep")
        times = []
        for _ in range(7):
            start = time.perf_counter()
            reports = look_up(settings, [_asked(name) for name in names], Path(folder))
            times.append(time.perf_counter() - start)
            assert {"finished"} == {report.state for report in reports}
        requests = requests_for(store, "sweep", names)
    took = statistics.median(times)
    yield Row("1,000 names among 10,000 runs, HTTP, sqlite", f"{took:.2f} s", took, 2, " s")
    yield Row("1,000 names among 10,000 runs, requests", "", requests, 10)


def _asked(name: str) -> AskedRun:
    return AskedRun(
        operation="train", run_name=name, logged_config={}, identity=_IDENTITY, project_root=Path.cwd()
    )


def _lookup_s(folder: Path, store: MlflowServer, size: int) -> float:
    fill(folder / "mlflow.db", f"{size} runs", size)
    settings = MlflowConfig(tracking_uri=store.uri, experiment_name=f"{size} runs")
    times = []
    for repeat in range(_REPEATS):
        start = time.perf_counter()
        report = look_up(settings, [_asked(f"run {size * repeat // _REPEATS}")], folder)[0]
        times.append(time.perf_counter() - start)
        assert "finished" == report.state, report
    return statistics.median(times)


def requests_for(store: MlflowServer, experiment: str, names: list[str]) -> int:
    from serotiny.tracking.mlflow.run_finder import RestFinder

    CountingConnection.requests = 0
    with contextlib.closing(CountingConnection(store.uri)) as connection:
        RestFinder(connection, store.uri, experiment).find(names)
    return CountingConnection.requests


def races(trials: int) -> Iterator[Row]:
    """Of processes that want one name at once, how many trials end wrongly, and how long an answer takes."""
    expected = {"owners": 1, "held": _PROCESSES - 1, "errors": [], "runs": 1, "pending": 0}
    for store, found in contests(_STORES, "race", str(_PROCESSES), str(trials)):
        name = f"{_PROCESSES} processes reserve one name, {store}"
        if found is None:
            yield Row(name, "", None, 2, " s", beside="no PostgreSQL")
            continue
        wrong = sum(expected != {key: trial[key] for key in expected} for trial in found)
        yield Row(f"{name}: wrong outcomes", "", wrong, 0, beside=f"{len(found)} trials")
        medians = sorted(trial["median_s"] for trial in found)
        slowest = max(trial["slowest_s"] for trial in found)
        yield Row(
            f"{name}: median",
            f"{medians[0]:.2f} to {medians[-1]:.2f} s",
            statistics.median(medians),
            2,
            " s",
            beside=f"{len(found)} trials; slowest answer {slowest:.2f} s; in one trial after the other",
        )


def kills(trials: int, stores: tuple[str, ...] = _STORES) -> Iterator[Row]:
    """After a kill at each step: trials that end wrongly, and the longest time until the name was had again."""
    for store, found in contests(stores, "kill", str(trials), str(_AT_ONCE)):
        name = f"killed at each step of a claim, 4 rivals, {store}"
        if found is None:
            yield Row(name, "", None, 2 * STALE_S, " s", beside="no PostgreSQL")
            continue
        ends = [(trial["owners"], trial["runs"], trial["pending"]) for trial in found]
        wrong = sum((1, 1, 0) != end for end in ends)
        killed = sum(trial["killed"] for trial in found)
        beside = f"{len(found)} trials, {trials} a step; in {killed} the kill came before a rival won"
        yield Row(f"{name}: wrong outcomes", "", wrong, 0, beside=beside)
        again = [trial["had_again_s"] for trial in found]
        shown = f"{statistics.median(again):.1f} s"
        yield Row(
            f"{name}: name had again",
            shown,
            max(again),
            2 * STALE_S,
            " s",
            beside="value: the longest; bar: two stale periods",
        )


def contests(stores: tuple[str, ...], *arguments: str) -> Iterator[tuple[str, list[dict[str, Any]] | None]]:
    """Each kind of store, and what the contest says of each trial on it; None without PostgreSQL."""
    for kind in stores:
        with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
            folder = Path(temporary)
            if kind == _HTTP_POSTGRES and postgres_binaries() is None:
                yield kind, None
                continue
            yield kind, _contest(_opened(kind, folder, stack), *arguments)


def _opened(kind: str, folder: Path, stack: contextlib.ExitStack) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/plain.db"
    cluster = None
    if kind == _HTTP_POSTGRES:
        cluster = stack.enter_context(postgres_cluster())
    return stack.enter_context(server(folder / "server", cluster)).uri


def _contest(uri: str, mode: str, *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, str(_CONTEST), mode, uri, *arguments]
    trials = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            trials.append(json.loads(line))
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {process.returncode}")
    return trials


def main() -> None:
    full_size = {"lookup": lookup(), "sweep": sweep(), "races": races(20), "kills": kills(10)}
    print(table(list(full_size[sys.argv[1]])))


if __name__ == "__main__":
    main()
