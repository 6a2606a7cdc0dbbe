"""What it costs a training to be recorded over HTTP, and that its server goes away.

    python -m tests.benchmarks.bench_logging logging|away

The server is a real one on the loopback, with sqlite; it computes on the same machine. The steps log by
Lightning's `log_dict`, which alone takes some 60 ms for 200 metrics; both sides of each ratio have that, so the
milliseconds of processor time that sending takes are said beside. Training and server share the machine, and each
training runs once: whatever else runs meanwhile is in the ratio of wall times. Times are those of `fit`; what was
sent behind its end is said beside, too.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serotiny.tracking.upkeep import sync
from tests.benchmarks.logged_training import METRICS, STARTED, STEPS
from tests.benchmarks.row import Row, table
from tests.system.tracking.servers import MlflowServer

_AWAY_STEPS = 400
_AWAY_S = 10.0
_SHORT_DRAIN_S = 5


@dataclass(frozen=True)
class Training:
    """How a training went.

    Attributes:
        wall_s, processor_s: of `fit`; the latter of the whole process.
        sending_s: those of the processor seconds that other threads than the training's took.
        all_s: from opening the run to the end of sending.
    """

    run_id: str
    wall_s: float
    processor_s: float
    sending_s: float
    all_s: float
    left: list[str]


def rows() -> Iterator[Row]:
    """Both parts at full size."""
    yield from logging_rows()
    yield from away_rows()


def logging_rows() -> Iterator[Row]:
    """Recorded over HTTP against the same training without a logger."""
    with _server() as (folder, server):
        silent = _ended(_started(folder / "silent", None, STEPS))
        logged = _ended(_started(folder / "logged", server.uri, STEPS))
        wrong = _wrong_points(folder, logged.run_id, STEPS)
    sent_s = logged.all_s - logged.wall_s - (silent.all_s - silent.wall_s)
    sending_ms = logged.sending_s / STEPS * 1000
    notes = (
        "1 trial",
        f"{logged.processor_s / silent.processor_s:.3f} by processor time",
        f"the sender takes {sending_ms:.2f} ms of it a step",
        f"{sent_s:.0f} s more around fit",
    )
    yield Row(
        f"{METRICS} metrics a step, {STEPS} steps, over HTTP / not logged",
        f"{logged.wall_s:.1f} / {silent.wall_s:.1f} s",
        logged.wall_s / silent.wall_s,
        1.03,
        beside="; ".join(notes),
    )
    yield Row("the same: points missing or there twice", "", wrong, 0)


def away_rows() -> Iterator[Row]:
    """The server is killed in the middle: it comes back, or only after the end."""
    with _server() as (folder, server):
        whole = _ended(_started(folder / "whole", server.uri, _AWAY_STEPS))
        back = _with_kill(folder / "back", server, whole.wall_s / 2, returns=True)
        yield _away_row(f"server killed, back after {_AWAY_S:.0f} s", back, whole)
        gone = _with_kill(folder / "gone", server, whole.wall_s / 2, returns=False)
        server.start()
        left = sync(folder / "gone", patience_s=600)
        yield _away_row("server killed, never back", gone, whole)
        wrong = sum(_wrong_points(folder, training.run_id, _AWAY_STEPS) for training in (back, gone))
    yield Row(
        "server killed: points missing or there twice",
        "",
        wrong,
        0,
        beside=f"of {2 * METRICS * _AWAY_STEPS}; after `runs sync` where it never came back, which left {len(left)}",
    )


def _away_row(name: str, training: Training, whole: Training) -> Row:
    by_processor = training.processor_s / whole.processor_s
    return Row(
        f"training, {name} / undisturbed",
        f"{training.wall_s:.1f} / {whole.wall_s:.1f} s",
        training.wall_s / whole.wall_s,
        1.05,
        beside=f"1 trial; {METRICS} metrics a step, {_AWAY_STEPS} steps; {by_processor:.3f} by processor time",
    )


@contextlib.contextmanager
def _server() -> Iterator[tuple[Path, MlflowServer]]:
    with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as temporary:
        folder = Path(temporary)
        server = MlflowServer(folder / "server", f"sqlite:///{folder}/mlflow.db")
        server.start()
        try:
            yield folder, server
        finally:
            server.kill()


def _started(folder: Path, uri: str | None, steps: int, drain_s: int = 600) -> subprocess.Popen[str]:
    folder.mkdir()
    settings = (f"steps={steps}", f"drain_s={drain_s}")
    command = (
        sys.executable,
        "-m",
        "tests.benchmarks.logged_training",
        uri or "null",
        str(folder),
        *settings,
    )
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _ended(process: subprocess.Popen[str]) -> Training:
    said, faults = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args!r}: status {process.returncode}: {faults[-2000:]}")
    return Training(**json.loads(said.splitlines()[-1]))


def _with_kill(folder: Path, server: MlflowServer, after_s: float, returns: bool) -> Training:
    process = _started(folder, server.uri, _AWAY_STEPS, 600 if returns else _SHORT_DRAIN_S)
    while not (folder / STARTED).exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(after_s)
    server.kill()
    if returns:
        time.sleep(_AWAY_S)
        server.start()
    return _ended(process)


def _wrong_points(folder: Path, run_id: str, steps: int) -> int:
    """Points that are not there, and points that are there again."""
    with contextlib.closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        ours = "FROM metrics WHERE run_uuid = ? AND key LIKE 'metric_%'"
        (rows_,) = connection.execute(f"SELECT COUNT(*) {ours}", (run_id,)).fetchone()
        distinct = f"SELECT COUNT(*) FROM (SELECT DISTINCT key, step {ours})"
        (points,) = connection.execute(distinct, (run_id,)).fetchone()
    return abs(METRICS * steps - int(points)) + int(rows_) - int(points)


def main() -> None:
    parts = {"logging": logging_rows(), "away": away_rows()}
    print(table(list(parts[sys.argv[1]])))


if __name__ == "__main__":
    main()
