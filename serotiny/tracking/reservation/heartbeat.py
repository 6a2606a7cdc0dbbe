"""The heartbeat: a tag that shows that the owner of a run is alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import ClaimLostError, TrackingError
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.registry import RunRegistry

_LOG = logging.getLogger(__name__)


class Heartbeat:
    """A thread that renews the heartbeat of an owned run, and notices when the run was taken over.

    It does not stop if the store is away. If another process has taken over the run, since it took this one for
    dead, `lost` is set, and nothing is written to the run any more.
    """

    def __init__(
        self,
        registry: RunRegistry,
        run_id: str,
        owner: Owner,
        generation: int,
        heartbeat_s: float,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._registry = registry
        self._run_id = run_id
        self._owner = owner
        self._generation = generation
        self._heartbeat_s = heartbeat_s
        self._clock_ms = clock_ms
        self._stopped = threading.Event()
        self.lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serotiny-heartbeat", daemon=True)

    def start(self) -> None:
        """Start the thread; the first sign of life was written with the claim."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; no sign of life is written after this returns, unless the store hangs."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def beat(self) -> None:
        """Write one sign of life.

        Raises:
            ClaimLostError: the run was deleted or taken over by a later start.
            TrackingError: the store cannot be reached.
        """
        run = self._registry.get(self._run_id)
        if run is None:
            raise ClaimLostError(f"the run {self._run_id} was deleted")
        tags = {layout.TAG_HEARTBEAT: str(self._clock_ms())}
        if run.token != self._owner.token:
            if run.generation > self._generation:
                raise ClaimLostError(f"the run {self._run_id} was taken over by {run.holder()}")
            # A rival wrote its name, then found its claim deleted and gave up: write ours again (see claim.py).
            tags |= {
                layout.TAG_TOKEN: self._owner.token,
                layout.TAG_HOST: self._owner.host,
                layout.TAG_PID: str(self._owner.pid),
                layout.TAG_PROCESS: self._owner.process,
            }
        self._registry.set_tags(self._run_id, tags)

    def _run(self) -> None:
        while not self._stopped.wait(self._heartbeat_s):
            try:
                self.beat()
            except ClaimLostError as error:
                _LOG.error("%s", error)
                self.lost.set()
                return
            except TrackingError as error:
                _LOG.info("no heartbeat: %s", error)
