"""Time whole processes, side by side."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

REPEATS = 7


@dataclass(frozen=True)
class Command:
    """A process to time.

    Attributes:
        arguments: program and arguments.
        folder: where it runs.
        environment: variables on top of our own.
        status: what it must exit with; anything else is an error of the benchmark.
        emptied: a folder that is removed before each start.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    emptied: Path | None = None


@dataclass(frozen=True)
class Usage:
    """What one process, its children included, took: seconds and mebibytes."""

    wall_s: float
    processor_s: float
    peak_mib: float


def run(command: Command) -> Usage:
    """Run a command once.

    Raises:
        RuntimeError: it exited with another status than it should.
    """
    if command.emptied is not None:
        shutil.rmtree(command.emptied, ignore_errors=True)
    start = time.perf_counter()
    process = subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != command.status:
        raise RuntimeError(f"{' '.join(command.arguments)}: status {process.returncode}: {said.decode()}")
    return Usage(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def alternate(*commands: Command, repeats: int = REPEATS) -> list[Usage]:
    """The medians of each command, run in turn so that what else the machine does meets all alike."""
    runs = [[run(command) for command in commands] for _ in range(repeats)]
    return [_median([round_[index] for round_ in runs]) for index in range(len(commands))]


def _median(usages: Sequence[Usage]) -> Usage:
    return Usage(
        median(usage.wall_s for usage in usages),
        median(usage.processor_s for usage in usages),
        median(usage.peak_mib for usage in usages),
    )


def ratio(numerator: Usage, denominator: Usage) -> tuple[float, str]:
    """The ratio of wall times, and a note with that of processor times."""
    by_processor = numerator.processor_s / denominator.processor_s
    return numerator.wall_s / denominator.wall_s, f"{by_processor:.3g} by processor time"


def shown(*usages: Usage) -> str:
    """Wall times, as a row shows them."""
    return " / ".join(f"{usage.wall_s:.3f} s" for usage in usages)
