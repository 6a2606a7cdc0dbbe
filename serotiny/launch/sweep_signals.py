"""Pass signals that the process of a sweep receives on to the processes in which a launcher runs its jobs."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from serotiny.diagnostics import JobInterruptedError
from serotiny.diagnostics.errors import Interruption
from serotiny.launch.descendants import descendants
from serotiny.tracking.reservation.owner import Owner, is_alive_here, is_gone

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_STOPPED = "stopped"
_LAST = 2
"""How many signals the jobs get; one more ends everything."""


class SweepSignals:
    """Pickled with the jobs, each of which records its process id in a folder of the sweep while it runs.

    Launchers do not tell which processes they start, and on a signal kill them or leave them running.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="serotiny-sweep-"))
        self._owner = Owner.this_process()
        self._came = 0

    @contextmanager
    def carried(self) -> Iterator[None]:
        """Pass signals on to the running jobs, and start no further one.

        A job ends after its batch on the first signal, and where it is on the second; the third ends this process and
        all that it has started.

        Raises:
            JobInterruptedError: a signal was received while no job runs on this host.
        """
        with _handled(self._carry):
            try:
                with _blocked_in_children(signal.SIGINT):
                    yield
            finally:
                shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def noted(self) -> Iterator[bool]:
        """Record that a job runs in this process; gives False when a signal has come and it must not start."""
        process = Owner.this_process()
        note = self._folder / str(process.pid)
        if process.pid == self._owner.pid:
            yield not self._was_stopped  # the job handles the signals of this process itself
            return
        with _handled(_leave_it):
            with suppress(OSError):  # on another host the folder does not exist
                note.write_text(process.process)
            try:
                yield not self._was_stopped
            finally:
                note.unlink(missing_ok=True)

    @contextmanager
    def until_handled(self) -> Iterator[None]:
        """A context for a job that is noted: until it handles signals itself, one ends it where it is.

        Raises:
            JobInterruptedError: a signal has come and the job did not handle it.
        """
        if os.getpid() == self._owner.pid:
            yield  # `carried` does the same here
            return
        try:
            with _handled(_end_here):
                self._end_if_stopped()
                yield
        except Interruption as interruption:
            raise JobInterruptedError(f"{interruption}; the same command goes on with it") from None

    def _end_if_stopped(self) -> None:
        if self._was_stopped:
            raise Interruption("interrupted with its sweep")

    @property
    def _was_stopped(self) -> bool:
        """Whether a signal has come; a sweep whose process or folder on this host is gone is over, too."""
        if (self._folder / _STOPPED).exists() or is_gone(self._owner.process):
            return True
        return is_alive_here(self._owner.process) and not self._folder.exists()

    def _carry(self, number: int, _frame: FrameType | None) -> None:
        self._came += 1
        (self._folder / _STOPPED).touch()
        name = signal.Signals(number).name
        notes = self._folder.glob("[0-9]*")
        processes = [int(note.name) for note in notes if is_alive_here(note.read_text())]
        if self._came > _LAST:
            _end_with_all(number, processes)
            return
        if not processes and self._came == 1:
            raise JobInterruptedError(
                f"interrupted by {name} while no job ran; the same command goes on with what is left"
            )
        for pid in processes:
            # a terminal sends SIGINT to its whole process group itself, and one more would end the job at once
            if number != signal.SIGINT or os.getpgid(pid) != os.getpgrp():
                os.kill(pid, number)
        doing = ("ending the jobs after their batches", "closing their runs without waiting")[self._came - 1]
        again = " again" if self._came > 1 else ""
        os.write(2, f"\ninterrupted by {name}{again}: {doing}; once more ends at once\n".encode())


def _end_with_all(number: int, jobs: Sequence[int]) -> None:
    """End this process by a signal, and before it what it has started: launchers leave that running."""
    for pid in descendants(os.getpid()):
        with suppress(ProcessLookupError):
            # what only watches over jobs tidies up
            os.kill(pid, signal.SIGKILL if pid in jobs else signal.SIGTERM)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _leave_it(_number: int, _frame: FrameType | None) -> None:
    """Do nothing; a signal that is ignored altogether would stay so in the processes of the job."""


def _end_here(number: int, _frame: FrameType | None) -> None:
    raise Interruption(f"interrupted by {signal.Signals(number).name}")


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """A context in which signals go to a handler: in the main thread, where Python allows it, and where none is ignored."""
    former: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        handled = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        former = {number: signal.signal(number, handler) for number in handled}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)


@contextmanager
def _blocked_in_children(number: int) -> Iterator[None]:
    """A context in which processes are started with a signal blocked, and this one handles it as before.

    Ctrl-C in a terminal reaches every process of the group, and submitit's local executor kills its jobs at once when
    it is interrupted. The signal stays blocked in there, since the mask is inherited; the jobs unblock it themselves.
    """
    ended = threading.Event()
    # made with the former mask: the system gives the signal to this thread, and Python handles it in the main one
    receiver = threading.Thread(target=ended.wait, name="serotiny-signals", daemon=True)
    receiver.start()
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
        ended.set()
        receiver.join()
