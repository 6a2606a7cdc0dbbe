"""What it costs to go on with a run on another machine, where the store alone knows what was logged.

    python -m tests.benchmarks.bench_resumed_elsewhere

A training of 200 metrics a step is killed 100 steps after its last checkpoint, and its folder is deleted. It is
started again in another folder: it repeats these steps, and of their points the store may get none twice.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from serotiny.tracking.outbox.journal import FOLDER, Journal
from tests.benchmarks.logged_training import METRICS, WAITING
from tests.benchmarks.row import Row, table
from tests.system.tracking.servers import MlflowServer

_EPOCH_STEPS = 190
_EPOCHS = 3
_KILLED_AT = 2 * _EPOCH_STEPS + 100


def rows() -> Iterator[Row]:
    """The time of the second start, from its first process to the end of the run in the store."""
    with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as temporary:
        folder = Path(temporary)
        server = MlflowServer(folder / "server", f"sqlite:///{folder}/mlflow.db")
        server.start()
        try:
            first, second = folder / "first" / "run", folder / "second" / "run"
            _killed(server.uri, first)
            shutil.rmtree(first.parent)
            began = time.monotonic()
            process = _started(server.uri, second, halt_after=0)
            said, faults = process.communicate()
            took = time.monotonic() - began
            if process.returncode:
                raise RuntimeError(f"status {process.returncode}: {faults[-2000:]}")
            wrong = _wrong_points(folder, json.loads(said.splitlines()[-1])["run_id"])
        finally:
            server.kill()
    logged = METRICS * _KILLED_AT
    name = (
        f"started again on another machine after {logged:,} points, 100 steps of {METRICS} metrics repeated"
    )
    yield Row(name, f"{took:.1f} s", took, 30, " s", beside=f"with the {_EPOCH_STEPS} steps of the training")
    yield Row("the same: points missing or there twice", "", wrong, 0)


def _started(uri: str, run_dir: Path, halt_after: int) -> subprocess.Popen[str]:
    run_dir.mkdir(parents=True)
    settings = (f"steps={_EPOCH_STEPS}", f"epochs={_EPOCHS}", f"halt_after={halt_after}")
    command = (sys.executable, "-m", "tests.benchmarks.logged_training", uri, str(run_dir), *settings)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _killed(uri: str, run_dir: Path) -> None:
    """Train up to the step at which the training waits; kill it when all that it logged is in the store."""
    process = _started(uri, run_dir, halt_after=_KILLED_AT)
    journal = Journal(run_dir / FOLDER)
    while not ((run_dir / WAITING).exists() and _is_sent(journal)):
        if process.poll() is not None:
            raise RuntimeError(f"the training ended by itself: {process.communicate()[1][-2000:]}")
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def _is_sent(journal: Journal) -> bool:
    progress = journal.progress()
    return progress.offset == journal.size() and not progress.pending


def _wrong_points(folder: Path, run_id: str) -> int:
    """Points that are missing, and points that are there again."""
    expected = METRICS * _EPOCHS * _EPOCH_STEPS
    ours = "FROM metrics WHERE run_uuid = ? AND key LIKE 'metric_%'"
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        (rows_,) = connection.execute(f"SELECT COUNT(*) {ours}", (run_id,)).fetchone()
        distinct = f"SELECT COUNT(*) FROM (SELECT DISTINCT key, step {ours})"
        (points,) = connection.execute(distinct, (run_id,)).fetchone()
    return abs(expected - int(points)) + int(rows_) - int(points)


if __name__ == "__main__":
    print(table(list(rows())))
