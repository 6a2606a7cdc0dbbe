"""Runs one toy job in a process of its own, which may be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from serotiny.compiler.plan import Plan
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.run import run


def run_toy(plan_text: str, run_dir: str, kill_at: str | None, kill_at_sync: int | None) -> None:
    """Run a plan and exit as the command line does.

    Args:
        plan_text: the plan as JSON.
        run_dir: the job's folder; what it prints goes to the file `output` there.
        kill_at: the process is killed in this epoch and batch, such as `1,0`.
        kill_at_sync: the process is killed in its n-th `fsync` of a checkpoint: while the file is written.
    """
    # a process that the fork server made would start its loaders' workers by another one, which takes seconds
    multiprocessing.set_start_method("fork", force=True)
    output = os.open(Path(run_dir) / "output", os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if kill_at is not None:
        os.environ["TOY_KILL_AT"] = kill_at
    if kill_at_sync is not None:
        _kill_at_sync(kill_at_sync)
    try:
        run(Plan.from_json(plan_text), Path(run_dir))
    except SerotinyError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)


def _kill_at_sync(number: int) -> None:
    sync = os.fsync
    calls = 0

    def counting_sync(descriptor: int) -> None:
        nonlocal calls
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".partial"):  # noqa: PTH115  # a magic link
            calls += 1
            if calls == number:
                os.ftruncate(descriptor, 100)
                os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    os.fsync = counting_sync  # type: ignore[assignment]  # called with descriptors alone
