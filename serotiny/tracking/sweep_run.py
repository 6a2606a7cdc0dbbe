"""The run of a sweep itself, in which the runs of its jobs are nested."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.mlflow.store import Store, open_store
from serotiny.tracking.reservation.claim import Claimant, Owned
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.run_record import NameState, RunRecord, runs_of, state_of_run
from serotiny.tracking.session import EndStatus

ARTIFACT_FOLDER = "sweep"
"""The folder of the table and the pictures of a sweep among the artifacts of its run."""


@dataclass(frozen=True)
class SweepRun:
    """The run of a sweep in progress.

    Attributes:
        heartbeat: None if another process that runs the same sweep at the same time owns the run.
    """

    store: Store
    run_id: str
    heartbeat: Heartbeat | None

    def close(self, status: EndStatus, files: Sequence[Path]) -> None:
        """Upload the sweep's files, and end its run.

        Raises:
            TrackingError: the store cannot be reached or refuses.
        """
        if self.heartbeat is None:
            return
        self.heartbeat.stop()
        artifacts = self.store.artifacts(self.run_id)
        try:
            for file in files:
                artifacts.put(file, ARTIFACT_FOLDER)
        except TrackingError:
            raise
        except Exception as error:  # every artifact store raises errors of its own
            raise TrackingError(f"the table of the sweep could not be stored: {error}") from error
        finally:
            self.store.registry.set_status(self.run_id, status, now_ms())


def open_sweep_run(settings: MlflowConfig, names: Sequence[str | None], root: Path, command: str) -> SweepRun:
    """Create the run of a sweep, or continue that of an earlier start of the same sweep.

    Args:
        settings: the store and the experiment of its jobs.
        names: the run names of its jobs, which identify the sweep; None for a name that is generated later.
        root: the project's folder.
        command: the call, with credentials masked.

    Raises:
        TrackingError: the store cannot be reached or refuses.
    """
    store = open_store(settings, root)
    owner = Owner.this_process()
    claimant = Claimant(
        registry=store.registry, owner=owner, heartbeat_s=settings.heartbeat_s, queue=store.queue
    )
    tags = {
        layout.TAG_LAYOUT: layout.LAYOUT,
        layout.TAG_OPERATION: layout.SWEEP,
        layout.TAG_JOBS: str(len(names)),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": command,
    }
    name = _name_of(names)
    if name is not None:
        run = _known(store, name)
        if run is not None and state_of_run(run, now_ms()) is NameState.ALIVE:
            return SweepRun(store, run.run_id, None)
        won = claimant.reserve(name, tags) if run is None else claimant.take_over(run, tags)
        if isinstance(won, Owned):
            return _started(store, won.record, owner)
        run = _known(store, name)
        if run is not None:
            return SweepRun(store, run.run_id, None)
    unique = f"sweep-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
    won = claimant.reserve(unique, tags)
    if not isinstance(won, Owned):
        raise TrackingError(f"the run name `{unique}` is contended for; try again in a moment")
    return _started(store, won.record, owner)


def _started(store: Store, run: RunRecord, owner: Owner) -> SweepRun:
    heartbeat = Heartbeat(
        store.registry,
        run.run_id,
        owner=owner,
        generation=run.generation,
        heartbeat_s=store.settings.heartbeat_s,
    )
    heartbeat.start()
    return SweepRun(store, run.run_id, heartbeat)


def _name_of(names: Sequence[str | None]) -> str | None:
    """A name that is the same whenever the same jobs are started; None if the names of the jobs are generated."""
    if not names or any(name is None for name in names):
        return None
    digest = hashlib.sha256("\n".join(sorted(map(str, names))).encode()).hexdigest()
    return f"sweep-{digest[:8]}"


def _known(store: Store, name: str) -> RunRecord | None:
    """The run of the same sweep; runs of other kinds with this name are ignored."""
    runs = runs_of(store.registry.search(name))
    return next((run for run in runs if layout.is_sweep(run.tags)), None)
