"""What it costs a training to be recorded over HTTP, and that its server goes away.

    python -m tests.benchmarks.bench_logging logging|away

The server is a real one on the loopback, with sqlite. It computes on another processor than the training and the
threads that send, which share one: as a server elsewhere would. A machine's speed changes within a minute by more
than what is measured, so both sides of each ratio are parts of one training, taken in turns of a few seconds.
The steps log by Lightning's `log_dict`, which alone takes most of a step's time; both sides have that, too.
"""

from __future__ import annotations

import bisect
import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from serotiny.tracking.maintenance import sync
from serotiny.tracking.outbox.journal import FOLDER, Journal
from tests.benchmarks.logged_training import METRICS, STARTED, STEPS, TIMES
from tests.benchmarks.row import Row, table
from tests.system.tracking.servers import MlflowServer

_PROCESSORS = sorted(os.sched_getaffinity(0))
_BLOCK = 80
_SETTLING = 20  # steps until what the block before left is sent
_AWAY_STEPS = 4_000
_AWAY_S = 10.0
_OUTAGES = 3
_SENT_BYTES = 100_000
_SHORT_DRAIN_S = 5


class Turn(NamedTuple):
    """Steps of one kind that followed each other, as a range."""

    first: int
    end: int


@dataclass(frozen=True)
class Training:
    """How a training went.

    Attributes:
        starts: when each step started, and the last one ended; seconds of the monotonic clock.
        processor: the process's seconds of processor time at these moments.
    """

    run_id: str
    starts: list[float]
    processor: list[float]

    def between(self, start: float, end: float) -> Turn:
        """The whole steps between two moments."""
        return Turn(bisect.bisect_left(self.starts, start), bisect.bisect_right(self.starts, end) - 1)


def rows() -> Iterator[Row]:
    """Both parts at full size."""
    yield from logging_rows()
    yield from away_rows()


def logging_rows() -> Iterator[Row]:
    """Blocks of steps that are recorded over HTTP against their neighbours, which are not."""
    with _server() as (folder, server):
        run_dir = folder / "logged"
        training = _ended(_started(run_dir, server.uri, 2 * STEPS, block=_BLOCK), run_dir)
        wrong = _wrong_points(folder, training.run_id, STEPS)
    turns = [Turn(start + _SETTLING, start + _BLOCK) for start in range(0, 2 * STEPS, _BLOCK)]
    silent, logged = turns[::2], turns[1::2]
    name = f"{METRICS} metrics a step, {STEPS} steps, over HTTP / not logged"
    yield _row(name, training, logged, silent, 1.03, f"blocks of {_BLOCK} steps in turns")
    yield Row("the same: points missing or there twice", "", wrong, 0)


def away_rows() -> Iterator[Row]:
    """The server is killed again and again and comes back; then it is killed and is away until the end."""
    undisturbed: list[tuple[float, float]] = []
    away: list[tuple[float, float]] = []
    until_sent: list[tuple[float, float]] = []
    with _server() as (folder, server):
        run_dir = folder / "disturbed"
        process = _started(run_dir, server.uri, _AWAY_STEPS, drain_s=_SHORT_DRAIN_S)
        journal = Journal(run_dir / FOLDER)
        while not (run_dir / STARTED).exists() and process.poll() is None:
            time.sleep(0.05)
        time.sleep(_AWAY_S / 2)
        for _ in range(_OUTAGES):
            undisturbed.append(_pause(_AWAY_S))
            killed = time.monotonic()
            server.kill()
            away.append(_pause(_AWAY_S))
            server.start()
            while journal.size() - journal.progress().offset > _SENT_BYTES and process.poll() is None:
                time.sleep(0.05)
            until_sent.append((killed, time.monotonic()))
        if process.poll() is not None:
            raise RuntimeError("the training ended before the last outage: it needs more steps")
        server.kill()
        training = _ended(process, run_dir)
        server.start()
        left = sync(run_dir, server.uri, patience_s=600)
        wrong = _wrong_points(folder, training.run_id, _AWAY_STEPS)
    steady = [training.between(*moments) for moments in undisturbed]
    for name, windows in (
        (f"back after {_AWAY_S:.0f} s, until all is sent", until_sent),
        ("away", away),
    ):
        turns = [training.between(*moments) for moments in windows]
        whole_name = f"training, server killed, {name} / undisturbed"
        yield _row(whole_name, training, turns, steady, 1.05, f"{_OUTAGES} outages in turns")
    yield Row(
        "server killed: points missing or there twice",
        "",
        wrong,
        0,
        beside=f"of {METRICS * _AWAY_STEPS}; after `runs sync`, which left {len(left)}",
    )


def _pause(seconds: float) -> tuple[float, float]:
    start = time.monotonic()
    time.sleep(seconds)
    return start, time.monotonic()


def _seconds(clock: Sequence[float], turn: Turn) -> float:
    """The mean time of a step."""
    return (clock[turn.end] - clock[turn.first]) / (turn.end - turn.first)


def _ms(clock: Sequence[float], turns: Sequence[Turn]) -> float:
    return 1000 * statistics.median(_seconds(clock, turn) for turn in turns)


def _ratio(clock: Sequence[float], disturbed: Sequence[Turn], steady: Sequence[Turn]) -> float:
    """The median, over disturbed turns, of their steps' time over that of the steady turns on both sides."""
    ratios = []
    for number, turn in enumerate(disturbed):
        neighbours = steady[number : number + 2]
        ratios.append(_seconds(clock, turn) / statistics.mean(_seconds(clock, other) for other in neighbours))
    return statistics.median(ratios)


def _row(
    name: str, training: Training, disturbed: Sequence[Turn], steady: Sequence[Turn], bar: float, how: str
) -> Row:
    by_processor = _ratio(training.processor, disturbed, steady)
    means = [
        statistics.mean(_seconds(training.starts, turn) for turn in turns) for turns in (disturbed, steady)
    ]
    return Row(
        name,
        f"{_ms(training.starts, disturbed):.2f} / {_ms(training.starts, steady):.2f} ms a step",
        _ratio(training.starts, disturbed, steady),
        bar,
        beside=f"{by_processor:.3f} by processor time, {means[0] / means[1]:.3f} by means of all; {how}",
    )


@contextlib.contextmanager
def _server() -> Iterator[tuple[Path, MlflowServer]]:
    """A server that keeps to the processors which the training leaves."""
    os.sched_setaffinity(0, _PROCESSORS[1:] or _PROCESSORS)
    try:
        with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as temporary:
            folder = Path(temporary)
            server = MlflowServer(folder / "server", f"sqlite:///{folder}/mlflow.db")
            server.start()
            try:
                yield folder, server
            finally:
                server.kill()
    finally:
        os.sched_setaffinity(0, _PROCESSORS)


def _started(folder: Path, uri: str, steps: int, block: int = 0, drain_s: int = 600) -> subprocess.Popen[str]:
    folder.mkdir()
    settings = (f"steps={steps}", f"block={block}", f"drain_s={drain_s}", f"processor={_PROCESSORS[0]}")
    command = (sys.executable, "-m", "tests.benchmarks.logged_training", uri, str(folder), *settings)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _ended(process: subprocess.Popen[str], folder: Path) -> Training:
    said, faults = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args!r}: status {process.returncode}: {faults[-2000:]}")
    return Training(**json.loads(said.splitlines()[-1]), **json.loads((folder / TIMES).read_text()))


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
