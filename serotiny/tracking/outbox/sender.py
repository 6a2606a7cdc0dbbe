"""The sender: threads that send journals to the store, with retries until everything has arrived."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from serotiny.tracking.clock import jittered
from serotiny.tracking.errors import RunGoneError, TrackingError, TransientTrackingError
from serotiny.tracking.outbox.delivery import Delivery, Undelivered
from serotiny.tracking.outbox.errors import JournalError

_LOG = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 15.0
_LONGEST_ASKED_S = 120.0
_GATHER_S = 0.5
# about the size of the entries of one full request
_BACKLOG_BYTES = 1 << 14
_UPLOAD_ATTEMPTS = 3


class Sender:
    """Two threads that send the journals of a run: one for entries, one for uploads.

    If the store is away, both retry with growing pauses, without a limit. Only `drain` waits for them. Both stop
    if the run was deleted.
    """

    def __init__(self, carriers: Sequence[Delivery], gather_s: float = _GATHER_S) -> None:
        """`carriers`: one for each journal, those of earlier starts first, the run's own last."""
        self._carriers = list(carriers)
        self._gather_s = gather_s
        self._wake = threading.Event()
        self._draining = threading.Event()
        self._stop = threading.Event()
        self._gone = threading.Event()
        self._unreadable = threading.Event()
        self._given_up: set[tuple[str, int]] = set()
        self._told = ""
        self._threads = [
            threading.Thread(target=self._run_journal, name="serotiny-sender", daemon=True),
            threading.Thread(target=self._run_uploads, name="serotiny-uploader", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    @property
    def is_gone(self) -> bool:
        """Whether the store has said that the run was deleted."""
        return self._gone.is_set()

    @property
    def left(self) -> list[Undelivered]:
        """What is left of each journal; empty when everything has arrived."""
        return [left for carrier in self._carriers if (left := carrier.left)]

    def drain(self, timeout_s: float) -> list[Undelivered]:
        """Wait until everything has arrived, at most `timeout_s`; then stop. Returns what is left."""
        deadline = time.monotonic() + timeout_s
        self._draining.set()
        self._wake.set()
        while self.left and time.monotonic() < deadline and not self._is_hopeless():
            time.sleep(0.02)
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            # a request may hang, but a daemon thread does not keep the process from ending
            thread.join(timeout=max(0.1, min(2.0, deadline - time.monotonic())))
        for carrier in self._carriers:
            carrier.close()
        return self.left

    def end(self, status: str) -> None:
        """End the run without its journal, which cannot be written; an error of the store is ignored."""
        with contextlib.suppress(TrackingError):
            self._carriers[-1].end(status)

    def _is_hopeless(self) -> bool:
        """Whether waiting is useless: the run was deleted, its journal is damaged, or only refused uploads are left."""
        if self._gone.is_set() or self._unreadable.is_set():
            return True
        unsent = any(left.bytes_ for left in self.left) and not self._carriers[-1].waits_for_uploads
        waiting = self._waiting()
        return not unsent and bool(waiting) and all(self._is_given_up(data) for _, _, data in waiting)

    def _waiting(self) -> list[tuple[Delivery, str, dict[str, Any]]]:
        return [(carrier, *upload) for carrier in self._carriers for upload in carrier.uploads()]

    def _is_given_up(self, data: Mapping[str, Any]) -> bool:
        return (data["to"], data["at"]) in self._given_up

    def _may_end(self) -> bool:
        """Whether the end may be sent: all checkpoints are uploaded, and all other files that were not refused."""
        return all(self._is_given_up(data) and "checkpoint" not in data for _, _, data in self._waiting())

    def _run_journal(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set() and not self._gone.is_set():
            try:
                # journals of earlier starts first; the run's end is sent after all uploads
                busy = any(carrier.carry(self._may_end()) for carrier in self._carriers)
                pause_s = _FIRST_PAUSE_S
                if busy:
                    self._told = ""
                # Wait for full requests, since a request costs the server and this process more than its points do.
                hurry = busy and (self._draining.is_set() or self._backlog_bytes() > _BACKLOG_BYTES)
                if not hurry and self._wait(self._gather_s if not self._draining.is_set() else 0.05):
                    return
            except RunGoneError as error:
                self._stop_for(error)
            except JournalError as error:
                self._note(error)
                self._unreadable.set()  # nothing after the damaged entry can be sent, so `drain` need not wait
                return
            except (TrackingError, OSError) as error:
                self._note(error)
                asked_s = error.retry_after_s if isinstance(error, TransientTrackingError) else 0.0
                if self._wait(max(jittered(pause_s), min(asked_s, _LONGEST_ASKED_S))):
                    return
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _backlog_bytes(self) -> int:
        return sum(carrier.left.bytes_ for carrier in self._carriers)

    def _run_uploads(self) -> None:
        pause_s = _FIRST_PAUSE_S
        refusals: Counter[tuple[str, int]] = Counter()
        while not self._stop.is_set() and not self._gone.is_set():
            todo = [item for item in self._waiting() if not self._is_given_up(item[2])]
            if not todo:
                if self._wait_for_uploads():
                    return
                continue
            carrier, target, data = todo[0]
            try:
                carrier.upload(target, data)
                pause_s = _FIRST_PAUSE_S
                self._told = ""
                continue
            except RunGoneError as error:
                self._stop_for(error)
                continue
            except TransientTrackingError as error:
                self._note(error)
            except (TrackingError, OSError) as error:
                self._note(error)
                refusals[target, data["at"]] += 1
                if refusals[target, data["at"]] == _UPLOAD_ATTEMPTS:
                    self._given_up.add((target, data["at"]))
            if self._stop.wait(jittered(pause_s)):
                return
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _wait_for_uploads(self) -> bool:
        """Pause until there may be more to upload; True when it is time to stop."""
        if self._draining.is_set():
            self._stop.wait(0.05)
        else:
            self._draining.wait(self._gather_s)
        return self._stop.is_set()

    def _stop_for(self, error: RunGoneError) -> None:
        self._note(error)
        self._gone.set()

    def _wait(self, seconds: float) -> bool:
        """Pause, shorter while draining; True when it is time to stop."""
        self._wake.wait(min(seconds, 1.0) if self._draining.is_set() else seconds)
        if self._draining.is_set() and not self._stop.is_set():
            self._wake.clear()
        return self._stop.is_set()

    def _note(self, error: Exception) -> None:
        """Keep the reason for the end, and tell it once: until something is sent it is the same every second."""
        reason = str(error)
        if reason != self._told:
            _LOG.info("not sent yet: %s", reason)
            self._told = reason
        for carrier in self._carriers:
            carrier.reason = reason
