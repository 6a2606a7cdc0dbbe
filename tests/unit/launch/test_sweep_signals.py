from __future__ import annotations

import os
import pickle
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


_SWEEP = """
import multiprocessing, os, signal, sys, time
from serotiny.diagnostics import JobInterruptedError
from serotiny.launch.sweep_signals import SweepSignals
from serotiny.ml_ops.resume.stop_request import StopRequest

def job(signals, begun):
    with signals.noted() as may_start:
        try:
            with signals.until_handled():
                if sys.argv[1] == "in the loop":
                    with StopRequest() as stop, stop.deferred():
                        wait(begun)
                wait(begun)
        except JobInterruptedError as error:
            print("job:", may_start, error, flush=True)

def wait(begun):
    begun.set()
    while True:
        time.sleep(0.05)

os.setpgrp()
context = multiprocessing.get_context("fork")
signals, begun = SweepSignals(), context.Event()
with signals.carried():
    process = context.Process(target=job, args=(signals, begun))
    process.start()
    begun.wait()
    print(process.pid, flush=True)
    process.join()
print("the sweep goes on", flush=True)
"""


def _sweep_with_a_job(where: str) -> tuple[subprocess.Popen[str], int]:
    """A sweep whose job has begun and never ends by itself, and the number of the job's process."""
    sweep = subprocess.Popen(
        [sys.executable, "-c", _SWEEP, where], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert sweep.stdout is not None
    return sweep, int(sweep.stdout.readline())


def _signal(sweep: subprocess.Popen[str], until: str) -> str:
    """Send SIGTERM, and read what the sweep says until it says this."""
    sweep.send_signal(signal.SIGTERM)
    assert sweep.stderr is not None
    said = ""
    while until not in said:
        line = sweep.stderr.readline()
        assert line, said
        said += line
    return said


def test_second_signal_goes_to_the_jobs_and_the_sweep_waits_for_them() -> None:
    """A job ends where it is, and its run is closed; the sweep gets its result, and can say how to go on."""
    sweep, _ = _sweep_with_a_job("in the loop")
    _signal(sweep, "interrupted by SIGTERM: ending after this batch")
    _signal(sweep, "interrupted by SIGTERM again: closing their runs without waiting")
    said, _ = sweep.communicate(timeout=60)

    assert ("job: True interrupted by SIGTERM\nthe sweep goes on\n", 0) == (said, sweep.returncode)


def test_third_signal_ends_the_sweep_with_all_that_it_has_started() -> None:
    """Also a job that does not react: nothing goes on without anybody to look after it."""
    sweep, job = _sweep_with_a_job("in the loop")
    os.kill(job, signal.SIGSTOP)
    _signal(sweep, "ending the jobs after their batches")
    _signal(sweep, "closing their runs without waiting")
    sweep.send_signal(signal.SIGTERM)
    said, _ = sweep.communicate(timeout=60)  # until the job has ended, too

    assert ("", -signal.SIGTERM) == (said, sweep.returncode)


def test_signal_to_a_job_that_handles_none_yet_ends_it() -> None:
    """It still imports: without this, a launcher would let the signal pass, or the process would die without a word."""
    sweep, _ = _sweep_with_a_job("before")
    _signal(sweep, "ending the jobs after their batches")
    said, _ = sweep.communicate(timeout=60)

    assert "job: True interrupted by SIGTERM; the same command goes on with it\nthe sweep goes on\n" == said


def test_job_does_not_start_when_its_sweep_is_gone() -> None:
    """A process that a launcher was still starting when the sweep ended has nothing to do any more."""
    signals = SweepSignals()
    with signals.carried():
        pass
    code = (
        "import pickle, sys\nwith pickle.load(sys.stdin.buffer).noted() as may_start:\n    print(may_start)\n"
    )
    job = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(signals), capture_output=True, check=True
    )

    assert b"False\n" == job.stdout
