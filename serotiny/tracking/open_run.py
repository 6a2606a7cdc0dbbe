"""Open a run: from what is asked for and what the store knows to a session, a refusal, or nothing to do."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from serotiny.schemas.mlflow import MlflowConfig, OnDrift, OnExisting
from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.local_session import LocalSession
from serotiny.tracking.mlflow.limits import MAX_TAG_LENGTH, storable_value
from serotiny.tracking.mlflow.store import Store, open_store
from serotiny.tracking.mlflow.stored_run import stored_config
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.claim import Claimant, Held
from serotiny.tracking.reservation.drift import drift_between, training_is_longer
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.refusals import faults_of_names
from serotiny.tracking.reservation.run_record import (
    NameState,
    RunRecord,
    runs_of,
    state_of_name,
    state_of_run,
)
from serotiny.tracking.session import Finished, Refusal, RunRequest, RunSession
from serotiny.tracking.start_session import start_session

Outcome = RunSession | Refusal | Finished

_ROUNDS = 5


def open_run(settings: MlflowConfig, request: RunRequest) -> Outcome:
    """Reserve the name of a job, take over a dead run of that name, or say why not.

    Safe between processes and machines that start together; see `claim`.

    Returns:
        A session; or `Finished` when a run of that name has nothing left to do; or `Refusal` with SER401
        (malformed), SER403 (taken), SER404 (finished), SER405 (alive elsewhere), SER406 (another config),
        SER407 (`test` and `predict`: no such run, or no checkpoint).

    Raises:
        TrackingError: the store cannot be reached (within seconds) or refuses.
        JournalError: the job's folder cannot be written.
    """
    if faults := faults_of_names(settings, request.run_name):
        return Refusal(faults)
    if settings.tracking_uri is None:
        return LocalSession(request)
    return _Opening(open_store(settings, request.project_root), request).open()


@dataclass(frozen=True)
class _Opening:
    store: Store
    request: RunRequest

    def open(self) -> Outcome:
        for _round in range(_ROUNDS):
            outcome = self._attempt()
            if outcome is not None:
                return outcome
            time.sleep(0.1)  # the claim before which we withdrew has gone in the meantime: look again
        raise TrackingError(f"the run name `{self.request.run_name}` is contended for; try again in a moment")

    def _attempt(self) -> Outcome | None:
        """One look at the name and what follows from it; None when it changed under our hands."""
        if self.store.settings.run_id is not None:
            run = self.store.registry.get(self.store.settings.run_id)
            if run is None:
                return Refusal((refusals.no_such_run(self.store.settings.run_id),))
            return self._go_on_with(run)
        name = self.request.run_name
        if name is None and not self._may_be_new():
            return Refusal((refusals.no_run_named(self.request.operation),))
        if name is None:
            return self._reserve(
                f"{self.request.operation}-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
            )
        found = self.store.registry.search(name)
        state = state_of_name(found, now_ms())
        if state is NameState.SEVERAL:
            return Refusal((refusals.several(name, runs_of(found)),))
        if state is NameState.CLAIMED:
            return Refusal((refusals.alive(found[0]),))
        if state is NameState.FREE:
            if self._may_be_new():
                return self._reserve(name)
            return Refusal((refusals.nothing_to_resume(name, self.request.operation),))
        return self._go_on_with(runs_of(found)[0])

    def _may_be_new(self) -> bool:
        """Whether the job makes a run: training does, and what reads its checkpoint from a file.

        A word (`last`, `best-val_loss`) names one of a run's checkpoints.
        """
        path = self.request.ckpt_path
        is_file = path is not None and ("/" in path or "." in path)
        return self.request.operation == "train" or is_file

    def _reserve(self, name: str) -> Outcome | None:
        owner = Owner.this_process()
        won = self._claimant(owner).reserve(name, self._tags())
        if isinstance(won, Held):
            return self._refused(won)
        return start_session(self.store, self.request, won.record, before=None, owner=owner)

    def _refused(self, held: Held) -> Refusal | None:
        runs = runs_of(held.found)
        if not held.found:
            return None
        holder = runs[0] if runs else held.found[0]
        if runs and state_of_run(holder, now_ms()) is not NameState.ALIVE:
            return None  # made and ended while we looked
        return Refusal((refusals.alive(holder),))

    def _go_on_with(self, run: RunRecord) -> Outcome | None:
        state = state_of_run(run, now_ms())
        if state is NameState.ALIVE:
            return Refusal((refusals.alive(run),))
        if self.request.operation != "train":
            return self._attach(run)
        if not run.is_ours and self.store.settings.run_id is None:
            return Refusal((refusals.foreign(run),))
        return self._resume(run, state)

    def _attach(self, run: RunRecord) -> Outcome:
        """`test` and `predict` add to a run that was trained, and do not own it."""
        session = start_session(self.store, self.request, run, before=run, owner=None)
        if self.request.ckpt_path is None and not session.checkpoints():
            session.close("FINISHED")
            return Refusal((refusals.no_checkpoint(run, self.request.operation),))
        return session

    def _resume(self, run: RunRecord, state: NameState) -> Outcome | None:
        if self.store.settings.on_existing is OnExisting.ERROR:
            return Refusal((refusals.taken(run, finished=state is NameState.FINISHED),))
        if self.store.settings.on_existing is OnExisting.SKIP:
            return Finished(run.run_id, run.name, f"run `{run.name}` exists ({run.status}) and is skipped")
        old = stored_config(self.store.client, run.run_id, "train")
        changes = (
            drift_between(old, self.request.logged_config, self.request.job_keys) if old is not None else []
        )
        forbidden = [change for change in changes if not change.allowed]
        unknown = old is None and run.tags.get(layout.TAG_IDENTITY) not in {None, self.request.identity}
        if (forbidden or unknown) and self.store.settings.on_drift is OnDrift.ERROR:
            return Refusal((refusals.drift(run, forbidden),))
        longer = old is not None and training_is_longer(old, self.request.logged_config)
        if state is NameState.FINISHED and not longer:
            return Finished(run.run_id, run.name, f"run `{run.name}` has finished; nothing is left to train")
        notes = tuple(f"resumed with {change}" for change in changes)
        return self._take_over(run, notes)

    def _take_over(self, run: RunRecord, notes: tuple[str, ...]) -> Outcome | None:
        owner = Owner.this_process()
        drift = (
            {layout.TAG_DRIFT: storable_value("\n".join(notes), MAX_TAG_LENGTH, "config/")} if notes else {}
        )
        won = self._claimant(owner).take_over(run, {**self._tags(), **drift})
        if isinstance(won, Held):
            return self._refused(won)
        return start_session(self.store, self.request, won.record, before=run, owner=owner, notes=notes)

    def _claimant(self, owner: Owner) -> Claimant:
        return Claimant(self.store.registry, owner, self.store.settings.heartbeat_s, queue=self.store.queue)

    def _tags(self) -> dict[str, str]:
        return {
            layout.TAG_LAYOUT: layout.LAYOUT,
            layout.TAG_OPERATION: self.request.operation,
            layout.TAG_IDENTITY: self.request.identity,
            layout.TAG_RUN_DIR: str(self.request.run_dir.absolute()),
        }
