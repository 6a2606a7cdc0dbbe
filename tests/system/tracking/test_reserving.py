"""Many processes, one name: on real stores, with real kills. The full-size trials are in tests/benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_CONTEST = Path(__file__).with_name("contest.py")


def contest(*arguments: str, timeout_s: float = 280) -> list[dict[str, Any]]:
    finished = subprocess.run(
        [sys.executable, str(_CONTEST), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert 0 == finished.returncode, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


@pytest.mark.timeout(300)
def test_processes_that_start_together_leave_one_owner(store_uri: str) -> None:
    """Of many processes that reserve a name at one moment one owns it, and no claim is left."""
    processes = (
        16 if store_uri.startswith("sqlite") else 64
    )  # each opens the database itself: a second of computing

    trials = contest("race", store_uri, str(processes), "2")

    expected = {"owners": 1, "held": processes - 1, "errors": [], "runs": 1, "pending": 0}
    assert [expected] * 2 == [{key: trial[key] for key in expected} for trial in trials]


@pytest.mark.timeout(300)
def test_kill_at_any_step_loses_no_name_and_makes_no_second_owner(http_sqlite: str) -> None:
    """Whichever step a process is killed after, one of its rivals gets the name."""
    trials = contest("kill", http_sqlite, "1", "8")

    assert 8 == len(trials)
    assert all(trial["killed"] for trial in trials)
    assert [(1, 1, 0)] * 8 == [(trial["owners"], trial["runs"], trial["pending"]) for trial in trials]
