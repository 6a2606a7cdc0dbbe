"""The sender: threads that carry journals to the store, for as long as it takes."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence

from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.outbox.delivery import Delivery, Undelivered

_LOG = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 15.0
_GATHER_S = 0.5
# about what one full request takes from the journal
_BACKLOG_BYTES = 1 << 14
_UPLOAD_ATTEMPTS = 3


class Sender:
    """Two threads over the carriers of a run: one for the journal, one for uploads.

    Neither ever stops for a store that is away; they try again with growing pauses. Nobody waits for them
    but `drain`.
    """

    def __init__(self, carriers: Sequence[Delivery], gather_s: float = _GATHER_S) -> None:
        """`carriers`: journals of earlier generations first, the run's own last."""
        self._carriers = list(carriers)
        self._gather_s = gather_s
        self._wake = threading.Event()
        self._draining = threading.Event()
        self._stop = threading.Event()
        self._uploads_settled = threading.Event()
        self._threads = [
            threading.Thread(target=self._run_journal, name="serotiny-sender", daemon=True),
            threading.Thread(target=self._run_uploads, name="serotiny-uploader", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    @property
    def left(self) -> list[Undelivered]:
        """What is left of each journal; nothing when all has arrived."""
        return [left for carrier in self._carriers if (left := carrier.left)]

    def drain(self, timeout_s: float) -> list[Undelivered]:
        """Wait until everything has arrived, at most `timeout_s`; then stop. Returns what is left."""
        deadline = time.monotonic() + timeout_s
        self._draining.set()
        self._wake.set()
        while self.left and time.monotonic() < deadline and not self._given_up():
            time.sleep(0.02)
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout=max(0.1, min(2.0, deadline - time.monotonic())))
        for carrier in self._carriers:
            carrier.close()
        return self.left

    def _given_up(self) -> bool:
        """Whether only uploads are left that the store has refused for good."""
        return self._uploads_settled.is_set() and not any(left.bytes_ for left in self.left)

    def _run_journal(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set():
            try:
                busy = [carrier.carry() for carrier in self._carriers]
                pause_s = _FIRST_PAUSE_S
                # Few and full requests: each one costs the server, and this process, more than its points do.
                hurry = any(busy) and (self._draining.is_set() or self._backlog_bytes() > _BACKLOG_BYTES)
                if not hurry and self._wait(self._gather_s):
                    return
            except (TrackingError, OSError) as error:
                self._note(error)
                if self._wait(random.uniform(0.5, 1.0) * pause_s):
                    return
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _backlog_bytes(self) -> int:
        return sum(carrier.left.bytes_ for carrier in self._carriers)

    def _run_uploads(self) -> None:
        pause_s = _FIRST_PAUSE_S
        refusals: Counter[tuple[str, int]] = Counter()
        while not self._stop.is_set():
            waiting = [(carrier, *upload) for carrier in self._carriers for upload in carrier.uploads()]
            todo = [item for item in waiting if refusals[item[1], item[2]["at"]] < _UPLOAD_ATTEMPTS]
            if not todo:
                if waiting:
                    self._uploads_settled.set()
                if self._stop.wait(0.05 if self._draining.is_set() else self._gather_s):
                    return
                continue
            carrier, target, data = todo[0]
            try:
                carrier.upload(target, data)
                pause_s = _FIRST_PAUSE_S
                continue
            except TransientTrackingError as error:
                self._note(error)
            except (TrackingError, OSError) as error:
                self._note(error)
                refusals[target, data["at"]] += 1
            if self._stop.wait(random.uniform(0.5, 1.0) * pause_s):
                return
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _wait(self, seconds: float) -> bool:
        """Pause, shorter while draining; True when it is time to stop."""
        self._wake.wait(min(seconds, 1.0) if self._draining.is_set() else seconds)
        if self._draining.is_set() and not self._stop.is_set():
            self._wake.clear()
        return self._stop.is_set()

    def _note(self, error: Exception) -> None:
        _LOG.info("not sent yet: %s", error)
        for carrier in self._carriers:
            carrier.reason = str(error)
