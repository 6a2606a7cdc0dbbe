from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from serotiny.diagnostics.errors import Interruption, JobInterruptedError
from serotiny.launch.sweep_signals import SweepSignals
from serotiny.ml_ops.resume.stop_request import StopRequest

_IS_BLOCKED = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """Shells start what runs in the background with the signal ignored, which a sweep then leaves so."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)


def test_ctrl_c_is_blocked_in_what_a_launcher_starts_and_ends_the_sweep() -> None:
    """A process that only watches over jobs does not end them; this one stops, and has its mask back afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with SweepSignals().carried():
        child = subprocess.run(
            [sys.executable, "-c", _IS_BLOCKED], capture_output=True, text=True, check=True
        )
        with pytest.raises(JobInterruptedError, match="interrupted by SIGINT"):
            _interrupt()

    assert "True" == child.stdout.strip()
    assert before == signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_ctrl_c_reaches_a_job_of_the_sweeps_own_process() -> None:
    """Hydra's own launcher runs the jobs here: the signal ends the job that runs, which then ends the sweep."""
    with (
        SweepSignals().carried(),
        StopRequest() as stop,
        pytest.raises(Interruption, match="interrupted by SIGINT"),
    ):
        _interrupt()

    assert stop.requested
