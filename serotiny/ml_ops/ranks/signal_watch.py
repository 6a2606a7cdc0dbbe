"""Count the signals of a process in a thread, also while its main thread is in code that lets no handler run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection

_PATIENCE_S = 3.0
"""The time in which the main thread should have reacted to a signal."""
_END_OF_WATCH = 0


class SignalWatch:
    """Python runs handlers between two instructions: not while the main thread waits for another process of the job.

    Several signals of one kind that come meanwhile call their handler once. The second one ends what may be waited for,
    and the third this process, if the main thread does not do so by itself.
    """

    def __init__(self, numbers: Collection[int], let_go: Callable[[], None]) -> None:
        """Begin to count; to be made in the main thread.

        Args:
            numbers: the signals to count.
            let_go: called, in a thread, when the main thread does not react to the second of them.
        """
        self.count = 0
        self._numbers = numbers
        self._has_reacted = threading.Event()
        self._ended = threading.Event()
        self._let_go = let_go
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._former = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._watch, name="serotiny-signal-watch", daemon=True)
        self._thread.start()
        # a process that is forked, as those that load data, would write to the same pipe
        os.register_at_fork(after_in_child=self._leave_alone)

    def end(self) -> None:
        """Count no longer."""
        signal.set_wakeup_fd(self._former)
        self._ended.set()
        os.write(self._write, bytes([_END_OF_WATCH]))
        self._thread.join()
        os.close(self._read)
        os.close(self._write)

    def note_reaction(self) -> None:
        """Note that the main thread reacts to the second signal."""
        self._has_reacted.set()

    def _leave_alone(self) -> None:
        if not self._ended.is_set():
            signal.set_wakeup_fd(-1)

    def _watch(self) -> None:
        while (number := os.read(self._read, 1)[0]) != _END_OF_WATCH:
            if number not in self._numbers:
                continue
            self.count += 1
            if self.count == 2:
                threading.Thread(target=self._release, daemon=True).start()
            elif self.count == 3:
                threading.Thread(target=self._end_process, daemon=True).start()

    def _release(self) -> None:
        if not self._has_reacted.wait(_PATIENCE_S) and not self._ended.is_set():
            self._let_go()

    def _end_process(self) -> None:
        if not self._ended.wait(_PATIENCE_S):
            os.kill(os.getpid(), signal.SIGKILL)
