"""End a job on a signal, at a point from which it can be resumed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from serotiny.diagnostics.errors import Interruption, JobInterruptedError
from serotiny.ml_ops.ranks.signal_watch import SignalWatch
from serotiny.ml_ops.ranks.stop_signals import MORE_STOP_SIGNALS, SCHEDULER_SIGNALS, STOP_SIGNALS

_IN_LOOPS = "ending after this batch"


class StopRequest:
    """Records the first signal, which the training loop checks; the second one ends the job where it is.

    It raises an `Interruption` wherever the job is, so that its run is closed; the third one, or the second while a run
    is claimed, ends the process at once. A process that follows rank 0 ends by neither: what it has received it proposes
    to the others, and stops when they have agreed, or with rank 0, which alone tells the user.

    As a context manager it installs signal handlers, and restores the former ones at the end; an `Interruption` leaves
    it as a `JobInterruptedError`. Outside of the main thread Python allows no handlers, so that a stop is never
    requested there.
    """

    def __init__(self, *, follows: bool = False) -> None:
        self.signal_number: int | None = None
        self._follows = follows
        self._received = self._agreed = False
        self._told: list[Callable[[int], None]] = []
        self._deferred = False
        self._may_raise_again = True
        self._doing = _IN_LOOPS
        self._former: dict[int, Any] = {}
        self._blocked: set[int] = set()
        self._watch: SignalWatch | None = None
        self._pid = os.getpid()

    @property
    def requested(self) -> bool:
        """Whether a signal has come."""
        return self.signal_number is not None

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            former = {number: signal.getsignal(number) for number in (*STOP_SIGNALS, *MORE_STOP_SIGNALS)}
            # a signal that `nohup` has set to be ignored stays ignored
            ignored = [number for number in MORE_STOP_SIGNALS if former[number] is signal.SIG_IGN]
            self._former = {number: handler for number, handler in former.items() if number not in ignored}
            self.install()
            # Ray blocks SIGINT in its workers, and rank 0 all signals in other ranks while they import. One that is pending is noted, since the job has not begun.
            self._deferred = True
            self._blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, self._former)
            self._deferred = False
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        former, self._former = self._former, {}
        if self._watch is not None:
            self._watch.end()
        if former:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._blocked)
        for number, handler in former.items():
            signal.signal(number, handler)
        came = self.signal_number
        if came is not None and came in SCHEDULER_SIGNALS and callable(handler := former.get(came)):
            handler(came, None)  # submitit's handler puts the job back into the queue
        if isinstance(error, Interruption):
            raise JobInterruptedError(str(error)) from None

    def install(self) -> None:
        """Install the handlers, also again after Lightning has installed its own at the start of a stage."""
        if self._former:
            for number in self._former:
                signal.signal(number, self._on_signal)

    def tell(self, told: Callable[[int], None]) -> None:
        """Call this function too with the number of each signal that comes."""
        self._told.append(told)

    def when_stuck(self, let_go: Callable[[], None]) -> None:
        """Call this, in a thread, when the job does not react to the second signal, as it waits for another process.

        From here on a third signal ends this process also then.
        """
        if self._former and self._watch is None:
            self._watch = SignalWatch(self._former, let_go)

    def note(self, signal_number: int) -> None:
        """Record a signal on which the processes of the job have agreed; this one may get it later."""
        self._agreed = True
        self._record(signal_number)

    def job_ends(self) -> None:
        """Note that the job ends anyway: from here on the first signal has no effect."""
        self._deferred, self._doing = True, "what is left is being sent"

    def hold(self) -> None:
        """From here on a signal is only noted, until `release`: between them a run becomes this job's."""
        self._deferred, self._doing = True, "ending when the run can be left"
        self._may_raise_again = False

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """A context after `hold` in which a signal raises at once, also one that has come before."""
        self._deferred = False
        try:
            self.raise_if_requested()
            yield
        finally:
            self._deferred = True

    def release(self) -> None:
        """End what `hold` began: a signal that has come raises now, and a later one at once."""
        self._deferred, self._doing = False, _IN_LOOPS
        self._may_raise_again = True
        self.raise_if_requested()

    @contextmanager
    def until_failure(self) -> Iterator[None]:
        """A context for the work of a job: an error that leaves it is not replaced by that of a later signal."""
        try:
            yield
        except BaseException:
            self.job_ends()
            raise

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """A context for loops that check the request between batches; outside of it a signal raises at once.

        An error that leaves it ends the job, and is not replaced by that of a later signal.
        """
        self._deferred = True
        yield
        self._deferred = False
        self.raise_if_requested()

    def raise_if_requested(self) -> None:
        """Raise `Interruption` if a signal has come; where this process follows rank 0, if they have agreed on it."""
        if self.signal_number is not None and (self._agreed or not self._follows):
            raise Interruption(_said(self.signal_number))

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            self._leave_to_parent(number)
            return
        for told in self._told:
            told(number)
        came_before = self._received or (self._watch is not None and self._watch.count > 1)
        if came_before and not self._follows:
            self._received = True
            if self._may_raise_again:
                self._may_raise_again = False
                if self._watch is not None:
                    self._watch.note_reaction()
                _say(f"{_said(number)} again: closing the run without waiting; once more ends at once")
                raise Interruption(_said(number))
            _end_by(number)
            return
        self._received = True
        if not (self._deferred or self._follows):
            self.signal_number = number
            raise Interruption(_said(number))
        self._record(number)

    def _leave_to_parent(self, number: int) -> None:
        """In a process that the job has forked, as those that load data: they go on for the batch, and end with the job.

        Whoever has started one can end it by SIGTERM, if not by the first, which a scheduler sends to all processes.
        """
        if self._received and number == signal.SIGTERM:
            _end_by(number)
        self._received = True

    def _record(self, number: int) -> None:
        if self.requested:
            return
        self.signal_number = number
        if not self._follows:
            _say(f"{_said(number)}: {self._doing}; once more ends at once")


def _end_by(number: int) -> None:
    """End this process by the signal itself, so that a shell or a scheduler sees the right exit status."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _say(line: str) -> None:
    # immediately and within a signal handler, so without taking a lock
    os.write(2, f"\n{line}\n".encode())


def _said(signal_number: int) -> str:
    name = signal.Signals(signal_number).name
    return f"interrupted by {name}"
