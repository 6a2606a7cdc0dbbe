"""Runs one toy job in a process of its own, which may be killed.

    python run_toy.py PLAN.json RUN_DIR

With the environment variable TOY_KILL_AT_SYNC=n the process is killed in its n-th `fsync` of a checkpoint: while
the file is being written.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from serotiny.compiler.plan import Plan
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.run import run


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

    os.fsync = counting_sync


def main() -> int:
    if "TOY_KILL_AT_SYNC" in os.environ:
        _kill_at_sync(int(os.environ["TOY_KILL_AT_SYNC"]))
    plan = Plan.from_json(Path(sys.argv[1]).read_text("utf-8"))
    try:
        result = run(plan, Path(sys.argv[2]))
    except SerotinyError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(result.run_id)
    return 0


if __name__ == "__main__":
    sys.exit(main())
