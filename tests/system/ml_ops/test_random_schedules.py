"""A few of the random schedules; `schedules.py` plays as many as are asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[3]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("what", "count", "last_line"),
    [("sqlite", 3, "3 schedules, 0 with a difference"), ("together", 16, "[]")],
)
def test_random_schedules_end_as_undisturbed_runs(
    what: str, count: int, last_line: str, tmp_path: Path
) -> None:
    """Whatever happens to them, runs end with the weights and metrics of undisturbed ones, and each with its own."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.system.ml_ops.schedules", what, "--count", str(count)],
        cwd=_REPOSITORY,
        env=os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert process.stdout.splitlines()[-1].startswith(last_line), process.stdout + process.stderr
