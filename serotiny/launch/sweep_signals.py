"""Pass signals that the process of a sweep receives on to the processes in which a launcher runs its jobs."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from serotiny.diagnostics import JobInterruptedError
from serotiny.tracking.reservation.owner import Owner, is_alive_here

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_STOPPED = "stopped"


class SweepSignals:
    """Pickled with the jobs, each of which records its process id in a folder of the sweep while it runs.

    Launchers do not tell which processes they start, and on a signal kill them or leave them running.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="serotiny-sweep-"))
        self._pid = os.getpid()

    @contextmanager
    def carried(self) -> Iterator[None]:
        """Pass the first signal on to the running jobs, and start no further one; the second ends this process.

        Raises:
            JobInterruptedError: a signal was received while no job runs on this host.
        """
        former = {}
        if threading.current_thread() is threading.main_thread():
            handled = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            former = {number: signal.signal(number, self._carry) for number in handled}
        try:
            with _blocked_in_children(signal.SIGINT):
                yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def noted(self) -> Iterator[bool]:
        """Record that a job runs in this process; gives False when a signal has come and it must not start."""
        process = Owner.this_process()
        note = self._folder / str(process.pid)
        if process.pid == self._pid:
            yield not self._was_stopped  # the job handles the signals of this process itself
            return
        with suppress(OSError):  # on another host the folder does not exist
            note.write_text(process.process)
        try:
            yield not self._was_stopped
        finally:
            note.unlink(missing_ok=True)

    @property
    def _was_stopped(self) -> bool:
        return (self._folder / _STOPPED).exists()

    def _carry(self, number: int, _frame: FrameType | None) -> None:
        if self._was_stopped:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        (self._folder / _STOPPED).touch()
        name = signal.Signals(number).name
        processes = [
            int(note.name) for note in self._folder.glob("[0-9]*") if is_alive_here(note.read_text())
        ]
        if not processes:
            raise JobInterruptedError(f"interrupted by {name}")
        for pid in processes:
            # a terminal sends SIGINT to its whole process group itself, and a second one would end the job at once
            if number != signal.SIGINT or os.getpgid(pid) != os.getpgrp():
                os.kill(pid, number)
        text = f"\ninterrupted by {name}: ending the jobs after their batches; once more ends at once\n"
        os.write(2, text.encode())


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
