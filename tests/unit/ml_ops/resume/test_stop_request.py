from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from serotiny.diagnostics.errors import Interruption, JobInterruptedError
from serotiny.ml_ops.ranks.stop_signals import held_back
from serotiny.ml_ops.resume.stop_request import StopRequest


def test_signal_outside_of_a_loop_raises_at_once() -> None:
    """While nothing looks at the request, waiting for a batch would be waiting for ever."""
    with StopRequest(), pytest.raises(Interruption, match="interrupted by SIGTERM"):
        os.kill(os.getpid(), signal.SIGTERM)


def test_signal_in_a_loop_is_noted_and_raised_at_its_end() -> None:
    """The loop sees the request; whoever ran it gets the error in any case."""
    seen = []

    def loop(stop: StopRequest) -> None:
        with stop.deferred():
            os.kill(os.getpid(), signal.SIGINT)
            seen.append(stop.requested)

    with StopRequest() as stop, pytest.raises(Interruption):
        loop(stop)

    assert [True] == seen


def test_signal_while_a_run_is_claimed_raises_at_a_wait_or_at_the_end() -> None:
    """Between `hold` and `release` nothing is torn apart; what waits is ended at once."""
    seen = []
    with StopRequest() as stop:
        stop.hold()
        with stop.let_through():
            seen.append("nothing has come")
        os.kill(os.getpid(), signal.SIGTERM)
        seen.append("it goes on")
        with pytest.raises(Interruption), stop.let_through():
            seen.append("it waits")
        with pytest.raises(Interruption):
            stop.release()

    assert ["nothing has come", "it goes on"] == seen


def test_handlers_are_put_back() -> None:
    """After the job, signals do what they did before."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with StopRequest():
        pass

    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_former_handler_of_a_users_signal_is_called_in_the_end() -> None:
    """The launcher that is sent SIGUSR2 before a job's time is up, as submitit, can put it back into the queue."""
    called: list[int] = []
    former = signal.signal(signal.SIGUSR2, lambda number, _: called.append(number))
    try:
        with pytest.raises(JobInterruptedError, match="SIGUSR2"), StopRequest() as stop, stop.deferred():
            os.kill(os.getpid(), signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, former)

    assert [signal.SIGUSR2] == called


def test_signal_that_is_ignored_stays_ignored() -> None:
    """A job under `nohup` outlives its terminal."""
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopRequest() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.requested
    finally:
        signal.signal(signal.SIGHUP, former)


def test_signal_that_the_process_blocks_is_noted() -> None:
    """A launcher's worker may block Ctrl-C (Ray's does): also one from before the job is noted, and it is blocked after."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        # to this thread: another one of this process may not block it
        signal.raise_signal(signal.SIGINT)
        with StopRequest() as stop:
            early = stop.signal_number
        with pytest.raises(JobInterruptedError, match="interrupted by SIGINT"), StopRequest():
            signal.raise_signal(signal.SIGINT)
        blocked = signal.pthread_sigmask(signal.SIG_SETMASK, before)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert signal.SIGINT == early
    assert signal.SIGINT in blocked


def test_outside_of_the_main_thread_nothing_is_requested() -> None:
    """A launcher may run jobs in threads, where Python allows no handlers."""
    requested = []

    def job() -> None:
        with StopRequest() as stop:
            stop.install()
            requested.append(stop.requested)

    thread = threading.Thread(target=job)
    thread.start()
    thread.join()

    assert [False] == requested


def test_signal_that_another_process_had_first_does_not_make_the_own_one_a_second(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A scheduler signals the processes of a job one after the other: the checkpoint is written, and it is told once."""
    seen = []

    def loop(stop: StopRequest) -> None:
        with stop.deferred():
            stop.note(signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)
            seen.append("still here")

    with StopRequest() as stop, pytest.raises(Interruption, match="interrupted by SIGTERM"):
        loop(stop)

    assert ["still here"] == seen
    assert 1 == capfd.readouterr().err.count("interrupted by SIGTERM: ending after this batch")


def test_process_that_follows_stops_when_the_others_have_agreed(capfd: pytest.CaptureFixture[str]) -> None:
    """It hears of a signal from the terminal and from rank 0, at any time, and leaves the telling to rank 0."""
    with StopRequest(follows=True) as stop:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        with stop.deferred():
            stop.raise_if_requested()
        assert signal.SIGINT == stop.signal_number
        stop.note(signal.SIGINT)
        with pytest.raises(Interruption, match="interrupted by SIGINT"):
            stop.raise_if_requested()

    assert "" == capfd.readouterr().err


def test_process_that_is_started_is_ended_by_no_signal_before_it_can_note_it() -> None:
    """Ctrl-C while another rank imports reaches its `StopRequest`, and neither ends it nor shows a traceback."""
    code = (
        "import signal, sys\n"
        "sys.stdin.readline()\n"
        "from serotiny.ml_ops.resume.stop_request import StopRequest\n"
        "with StopRequest(follows=True) as stop:\n"
        "    print(signal.Signals(stop.signal_number).name)\n"
    )
    with held_back():
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    process.send_signal(signal.SIGINT)
    said = process.communicate("\n", timeout=120)

    assert (0, ("SIGINT\n", "")) == (process.returncode, said)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGINT, signal.SIGTERM}


def test_second_signal_raises_where_the_job_is_and_a_third_ends_the_process_at_once() -> None:
    """Whoever signals twice does not want to wait for the batch, and the run can still be closed."""
    code = (
        "import os, signal\n"
        "from serotiny.diagnostics.errors import Interruption\n"
        "from serotiny.ml_ops.resume.stop_request import StopRequest\n"
        "with StopRequest() as stop:\n"
        "    try:\n"
        "        with stop.deferred():\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "            print('still here')\n"
        "    except Interruption as interruption:\n"
        "        print(interruption, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('still here')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )

    assert -signal.SIGTERM == ended.returncode
    assert "interrupted by SIGINT\n" == ended.stdout
    assert 2 == ended.stderr.count("once more ends at once")


def test_second_signal_while_a_run_is_claimed_ends_the_process_at_once() -> None:
    """Nothing is torn apart half-way: a claim whose process is gone is cleared away by the next start."""
    code = (
        "import os, signal\n"
        "from serotiny.ml_ops.resume.stop_request import StopRequest\n"
        "with StopRequest() as stop:\n"
        "    stop.hold()\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('still here')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )

    assert (-signal.SIGTERM, "") == (ended.returncode, ended.stdout)


@pytest.mark.parametrize(("number", "ends_by"), [(signal.SIGINT, 0), (signal.SIGTERM, signal.SIGTERM)])
def test_process_that_the_job_has_forked_leaves_signals_to_it(
    number: int, ends_by: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C twice reaches the processes that load data, too: they neither tell of it nor fail the job."""
    with StopRequest() as stop, stop.deferred():
        child = os.fork()
        if not child:
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
            os._exit(0)
        _, status = os.waitpid(child, 0)

    assert (ends_by, False) == (status, stop.requested)
    assert "" == capfd.readouterr().err


def test_job_that_waits_for_another_process_is_let_go_and_then_ended() -> None:
    """While a collective waits no handler runs: a second signal ends what it waits for, a third the process."""
    code = (
        "import hashlib, os\n"
        "from serotiny.ml_ops.resume.stop_request import StopRequest\n"
        "with StopRequest() as stop:\n"
        "    stop.when_stuck(lambda: os.write(1, b'let go\\n'))\n"
        "    print('stuck', flush=True)\n"
        "    hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline()]
        for _ in range(2):
            time.sleep(0.5)  # until it is stuck, and until the first one is counted
            process.send_signal(signal.SIGTERM)
        said.append(process.stdout.readline())
        process.send_signal(signal.SIGTERM)

    assert (["stuck\n", "let go\n"], -signal.SIGKILL) == (said, process.returncode)


def test_process_that_is_forked_counts_no_signals_for_the_job() -> None:
    """It shares what its parent reads: one Ctrl-C in a terminal is one, however many processes load data."""
    let_go: list[bool] = []
    with StopRequest() as stop, stop.deferred():
        stop.when_stuck(lambda: let_go.append(True))
        child = os.fork()
        if not child:
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGINT)
            os._exit(0)
        os.waitpid(child, 0)
        time.sleep(3.5)  # more than is waited for a reaction

    assert [] == let_go
