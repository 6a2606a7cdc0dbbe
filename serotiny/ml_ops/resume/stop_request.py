"""Ending a job on a signal at a place from which it can go on."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from serotiny.diagnostics import JobInterruptedError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MORE_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGHUP", "SIGUSR1", "SIGUSR2") if hasattr(signal, name)
)
"""A terminal that closes; what Slurm is told to send before its limit (`--signal`), and submitit is sent."""


class StopRequest:
    """Notes the first signal for the training loop to act on; the second one ends the process at once.

    A process that follows rank 0 notes the further ones too: the same signal may reach it from the terminal and
    from rank 0, with which it ends.

    As a context manager it holds the handlers of the signals and puts the former ones back at the
    end. Outside the main thread Python allows no handlers: then nothing is ever requested.
    """

    def __init__(self, *, follows: bool = False) -> None:
        self.signal_number: int | None = None
        self._follows = follows
        self._told: list[Callable[[int], None]] = []
        self._deferred = False
        self._former: dict[int, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal has come."""
        return self.signal_number is not None

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            former = {number: signal.getsignal(number) for number in (*_SIGNALS, *_MORE_SIGNALS)}
            # `nohup` has a signal ignored, which it stays
            ignored = [number for number in _MORE_SIGNALS if former[number] is signal.SIG_IGN]
            self._former = {number: handler for number, handler in former.items() if number not in ignored}
            self.install()
        return self

    def __exit__(self, *_: object) -> None:
        former, self._former = self._former, {}
        for number, handler in former.items():
            signal.signal(number, handler)
        came = self.signal_number
        if came is not None and came in _MORE_SIGNALS and callable(handler := former.get(came)):
            handler(came, None)  # submitit's puts the job back into the queue

    def install(self) -> None:
        """Take the handlers (again): Lightning installs its own when a stage starts."""
        if self._former:
            for number in self._former:
                signal.signal(number, self._on_signal)

    def tell(self, told: Callable[[int], None]) -> None:
        """Call this, too, with the number of a signal when it comes."""
        self._told.append(told)

    def note(self, signal_number: int) -> None:
        """A signal has come to another process of the job."""
        if not self.requested:
            self.signal_number = signal_number

    @contextmanager
    def closing(self) -> Iterator[None]:
        """While a job ends anyhow: the first signal changes nothing any more."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """While a loop runs that looks at the request between batches; outside a signal raises at once."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False
        self.raise_if_requested()

    def raise_if_requested(self) -> None:
        """Raise `JobInterruptedError` when a signal has come."""
        if self.signal_number is not None:
            raise JobInterruptedError(_said(self.signal_number))

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        for told in self._told:
            told(number)
        if self.requested and self._follows:
            return
        if self.requested:
            # ended by the signal itself, as a shell or a scheduler expects to be told
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self.signal_number = number
        if not self._deferred:
            raise JobInterruptedError(_said(number))
        # at once, and from within a handler: no lock may be taken
        os.write(2, f"\n{_said(number)}: ending after this batch; once more ends at once\n".encode())


def _said(signal_number: int) -> str:
    name = signal.Signals(signal_number).name
    return f"interrupted by {name}"
