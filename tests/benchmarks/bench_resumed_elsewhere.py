"""What it costs to go on with a run on another machine, where the store alone knows what was logged.

    python -m tests.benchmarks.bench_resumed_elsewhere

A run has 480 steps of 200 metrics, over HTTP. Its training goes on from a checkpoint 100 steps before its end: it
repeats these steps with the same values and other times, and of their points the store may get none twice.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.errors import TransientTrackingError
from serotiny.tracking.mlflow.store import open_store
from serotiny.tracking.outbox.delivery import Delivery
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.known_points import KnownPoints
from serotiny.tracking.outbox.sink import MAX_POINTS, Point
from tests.benchmarks.row import Row, table
from tests.system.tracking.servers import MlflowServer

_METRICS = 200
_STEPS = 480
_REPEATED = 100


def rows() -> Iterator[Row]:
    """The time until the store has what is new, and has nothing twice."""
    with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as temporary:
        folder = Path(temporary)
        server = MlflowServer(folder / "server", f"sqlite:///{folder}/mlflow.db")
        server.start()
        try:
            took = _resumed_s(folder, server.uri)
        finally:
            server.kill()
        with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
            (count,) = connection.execute("SELECT COUNT(*) FROM metrics").fetchone()
    name = f"{_METRICS * _STEPS:,} points, {_REPEATED} steps of {_METRICS} metrics repeated elsewhere, HTTP"
    yield Row(name, f"{took:.1f} s", took, 15, " s")
    yield Row("the same: points missing or there twice", "", abs(_METRICS * (_STEPS + 1) - count), 0)


def _resumed_s(folder: Path, uri: str) -> float:
    settings = MlflowConfig(tracking_uri=uri, experiment_name="elsewhere")
    store = open_store(settings, folder)
    run_id = store.registry.create("a run", {}).run_id
    sink = store.sink(run_id)
    points = [Point(key, value, step, step) for step in range(_STEPS) for key, value in _values(step).items()]
    for start in range(0, len(points), MAX_POINTS):
        sink.log_points(points[start : start + MAX_POINTS])
    journal = Journal.new(folder / "elsewhere")
    header = JournalHeader(tracking_uri=uri, experiment_id="0", run_id=run_id, run_name="a run", generation=2)
    journal.create(header)
    for step in range(_STEPS - _REPEATED, _STEPS + 1):
        journal.append("metrics", {"step": step, "time_ms": 1_000_000 + step, "values": _values(step)})
    delivery = Delivery(journal, sink, KnownPoints(sink))
    began = time.monotonic()
    _carry_all(delivery)
    took = time.monotonic() - began
    delivery.close()
    journal.close()
    return took


def _carry_all(delivery: Delivery) -> None:
    is_left = True
    while is_left:
        with suppress(TransientTrackingError):  # the server closes connections that are idle
            is_left = delivery.carry()


def _values(step: int) -> dict[str, float]:
    return {f"metric_{number:03d}": step / (number + 3) for number in range(_METRICS)}


if __name__ == "__main__":
    print(table(list(rows())))
