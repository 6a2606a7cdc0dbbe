"""Judge whether a run is alive when its process's clock is ahead of ours, by watching for a new sign of life."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.reservation.owner import is_alive_here, is_gone
from serotiny.tracking.reservation.registry import RunRegistry
from serotiny.tracking.reservation.run_record import STALE_AFTER_HEARTBEATS, RunRecord

_LOG = logging.getLogger(__name__)

_GLANCES_A_HEARTBEAT = 8

_Sign = tuple[int, str, int]


def _sign(record: RunRecord) -> _Sign:
    """The values that change with a sign of life or a new owner."""
    return record.heartbeat_ms, record.token, record.generation


@dataclass(frozen=True)
class Vigil:
    """The current time by the clock of a run's process.

    The age of a heartbeat with a time in the future is not known. So its run is watched for as long as a heartbeat
    may be old: if it has not changed by then, it is stale.
    """

    registry: RunRegistry
    clock_ms: Callable[[], int] = now_ms
    sleep: Callable[[float], None] = time.sleep
    _silent: dict[str, _Sign] = field(default_factory=dict)

    def now_of(self, record: RunRecord) -> int:
        """The time by which to judge the run. If its heartbeat is in the future this waits, to watch the run."""
        if self._is_ahead(record) and self._silent.get(record.run_id) != _sign(record):
            self._watch(record)
        return self.known_now_of(record)

    def known_now_of(self, record: RunRecord) -> int:
        """The same, without waiting: judged by what has been watched so far."""
        now = self.clock_ms()
        if self._silent.get(record.run_id) == _sign(record):
            return max(now, record.last_sign_ms + int(record.stale_after_ms) + 1)
        return now

    def _is_ahead(self, record: RunRecord) -> bool:
        process = record.tags.get(layout.TAG_PROCESS, "")
        return (
            record.is_ours
            and record.status in {"RUNNING", "SCHEDULED"}
            and record.last_sign_ms - self.clock_ms() > record.stale_after_ms
            and not (is_gone(process) or is_alive_here(process))
        )

    def _watch(self, record: RunRecord) -> None:
        patience_s = record.stale_after_ms / 1000
        _LOG.warning(
            "the clock of the process of run `%s` is ahead of this one: waiting for up to %.0f s for a sign of life",
            record.name,
            patience_s,
        )
        glance_s = patience_s / STALE_AFTER_HEARTBEATS / _GLANCES_A_HEARTBEAT
        # pauses are counted, since our own clock may jump too
        for _ in range(STALE_AFTER_HEARTBEATS * _GLANCES_A_HEARTBEAT + 1):
            self.sleep(glance_s)
            current = self.registry.get(record.run_id)
            if current is None or current.status != record.status or _sign(current) != _sign(record):
                return
        self._silent[record.run_id] = _sign(record)
