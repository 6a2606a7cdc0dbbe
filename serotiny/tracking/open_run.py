"""Open a run: decide from the request and the store between a session, a refusal, and nothing to do."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import layout
from serotiny.tracking.earlier_starts import config_before, has_ended_here, journals_of, send_backlog
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.local_session import open_local
from serotiny.tracking.mlflow.limits import MAX_TAG_LENGTH, storable_value
from serotiny.tracking.mlflow.session import checkpoints_of
from serotiny.tracking.mlflow.store import Store, open_store
from serotiny.tracking.mlflow.stored_run import stored_config
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.reservation import refusals
from serotiny.tracking.reservation.claim import Claimant, Held
from serotiny.tracking.reservation.named_checkpoint import refused_evaluation, refused_name
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.refusals import faults_of_names
from serotiny.tracking.reservation.resumption import GoOn, judge_resumption
from serotiny.tracking.reservation.run_record import (
    NameState,
    RunRecord,
    runs_of,
    state_of_name,
    state_of_run,
)
from serotiny.tracking.reservation.vigil import Vigil
from serotiny.tracking.run_folder.folder import RunFolder, note_finished
from serotiny.tracking.run_folder.owner_file import Occupant
from serotiny.tracking.session import Finished, Refusal, RunRequest, RunSession
from serotiny.tracking.start_session import start_session

Outcome = RunSession | Refusal | Finished

_ROUNDS = 5


def open_run(
    settings: MlflowConfig,
    request: RunRequest,
    may_end: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Outcome:
    """Claim the job's folder and reserve its name, or take over an ended run of that name.

    Safe between processes and machines that start at the same time; see `claim` and `run_folder`.

    Args:
        settings: the job's settings of MLflow.
        request: the job.
        may_end: a context that is entered for each wait, and while nothing is claimed yet. Only there may a signal
            raise: elsewhere a run would stay that counts as alive.

    Returns:
        A session; or `Finished` if the run of that name has nothing left to do; or `Refusal` with SER401
        (malformed), SER403 (taken), SER404 (finished), SER405 (alive elsewhere), SER406 (another config),
        SER407 (`test` and `predict`: no such run, or no checkpoint), SER409 (the folder is another run's).

    Raises:
        TrackingError: the store cannot be reached (within seconds) or refuses.
        RunFolderError, JournalError: the job's folder cannot be written.
    """
    if faults := faults_of_names(settings, request.run_name):
        return Refusal(faults)
    folder = RunFolder.claim(request.run_dir, Occupant.of(settings, request), has_begun=True)
    if isinstance(folder, Diagnostic):
        return Refusal((folder,))
    outcome: Outcome | None = None
    try:
        if settings.tracking_uri is None:
            outcome = open_local(settings, request, folder)
        else:
            with may_end():
                store = open_store(settings, request.project_root)
            outcome = _Opening(store, request, folder, may_end).open()
    finally:
        if outcome is None or isinstance(outcome, Refusal | Finished):
            folder.give_back()
    if isinstance(outcome, Finished) and not outcome.is_skipped:
        note_finished(folder.path, outcome.run_id)
    return outcome


@dataclass(frozen=True)
class _Opening:
    store: Store
    request: RunRequest
    folder: RunFolder
    may_end: Callable[[], AbstractContextManager[object]]

    @cached_property
    def vigil(self) -> Vigil:
        return Vigil(self.store.registry, sleep=self._sleep)

    def open(self) -> Outcome:
        for _round in range(_ROUNDS):
            outcome = self._attempt()
            if outcome is not None:
                return outcome
            self._sleep(0.1)  # the claim for which we withdrew has gone in the meantime: try again
        raise TrackingError(f"the run name `{self.request.run_name}` is contended for; try again in a moment")

    def _attempt(self) -> Outcome | None:
        """One attempt with the current state of the name; None if the state changed meanwhile."""
        if self.store.settings.run_id is not None:
            run_id, registry = self.store.settings.run_id, self.store.registry
            run = registry.get(run_id)
            if run is None:
                return Refusal((refusals.no_such_run(run_id, registry.was_deleted(run_id)),))
            actual = self.store.registry.other_experiment(run)
            if actual is not None:
                return Refusal((refusals.elsewhere(run, self.store.settings.experiment_name, actual),))
            return self._go_on_with(run)
        name = self.request.run_name
        if name is None and not self.request.may_be_new:
            return Refusal((refusals.no_run_named(self.request.operation),))
        if name is None:
            return self._make(
                f"{self.request.operation}-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
            )
        found = self.store.registry.search(name)
        state = state_of_name(found, self.vigil.now_of)
        if state is NameState.SEVERAL:
            return Refusal((refusals.several(name, runs_of(found)),))
        if state is NameState.CLAIMED:
            return Refusal((refusals.alive(found[0]),))
        if state is NameState.FREE:
            if self.request.may_be_new:
                return self._make(name)
            return Refusal((refusals.nothing_to_resume(name, self.request.operation),))
        return self._go_on_with(runs_of(found)[0])

    def _make(self, name: str) -> Outcome | None:
        """A new run, for a training or an operation whose checkpoint is given as a file."""
        is_evaluation = self.request.operation != "train"
        if is_evaluation and (fault := refused_name(self.request, None, ())):
            return Refusal((fault,))
        return self._reserve(name)

    def _reserve(self, name: str) -> Outcome | None:
        if fault := self.folder.make_room_for(None):
            return Refusal((fault,))
        owner = Owner.this_process()
        tags = {**self._tags(), layout.TAG_RUN_DIR: str(self.folder.path)}
        won = self._claimant(owner).reserve(name, tags)
        if isinstance(won, Held):
            return self._refused(won)
        return start_session(
            self.store, self.request, won.record, folder=self.folder, before=None, owner=owner
        )

    def _refused(self, held: Held) -> Refusal | None:
        runs = runs_of(held.found)
        if not held.found:
            return None
        holder = runs[0] if runs else held.found[0]
        now = self.vigil.now_of(holder)
        has_ended = state_of_run(holder, now) is not NameState.ALIVE if runs else holder.is_abandoned(now)
        if has_ended:
            return None  # another process has made and ended it meanwhile, or is dead: try again
        return Refusal((refusals.alive(holder),))

    def _go_on_with(self, run: RunRecord) -> Outcome | None:
        if layout.is_sweep(run.tags):
            return Refusal((refusals.of_sweep(run),))
        is_alive = state_of_run(run, self.vigil.now_of(run)) is NameState.ALIVE
        journals = journals_of(run, self.request.project_root)
        if is_alive and not has_ended_here(run, journals):
            return Refusal((refusals.alive(run),))
        with self.may_end():
            notes = send_backlog(self.store, run, journals)
        if notes:
            current = self.store.registry.get(run.run_id)
            if current is None:
                return None
            run = current
        # still, since the journal that was just sent did not contain the run's end
        if state_of_run(run, self.vigil.now_of(run)) is NameState.ALIVE:
            return Refusal((refusals.alive(run),))
        if self.request.operation != "train":
            return self._attach(run, journals, notes)
        if run.is_ours:
            return self._resume(run, journals, notes)
        if self.store.settings.run_id is None:
            return Refusal((refusals.foreign(run),))
        into = f"trained into run `{run.name}` ({run.status}), which another tool made"
        return self._take_over(run, GoOn((into,)), {})

    def _attach(self, run: RunRecord, journals: list[Journal], notes: tuple[str, ...]) -> Outcome:
        """Attach `test` or `predict` to a trained run, without becoming its owner."""
        has_artifact = self.store.artifacts(run.run_id).may_have
        if fault := refused_evaluation(self.request, run, checkpoints_of(run, journals), has_artifact):
            return Refusal((fault,))
        if fault := self.folder.make_room_for(run.run_id):
            return Refusal((fault,))
        return start_session(
            self.store, self.request, run, folder=self.folder, before=run, owner=None, how=GoOn(notes)
        )

    def _resume(self, run: RunRecord, journals: list[Journal], notes: tuple[str, ...]) -> Outcome | None:
        judged = judge_resumption(
            self.store.settings,
            run,
            old=config_before(
                run, journals, lambda: stored_config(self.store.artifacts(run.run_id), run.run_id, "train")
            ),
            new=self.request.logged_config,
            identity=self.request.identity,
            job_keys=self.request.job_keys,
        )
        if isinstance(judged, Finished):
            return replace(judged, reason="; ".join((*notes, judged.reason)))
        if isinstance(judged, Refusal):
            return judged
        drift = {layout.TAG_DRIFT: storable_value("\n".join(judged.notes), MAX_TAG_LENGTH, "config/")}
        judged = replace(judged, notes=(*notes, *judged.notes))
        return self._take_over(run, judged, drift if judged.notes else {})

    def _take_over(self, run: RunRecord, how: GoOn, tags: dict[str, str]) -> Outcome | None:
        if fault := self.folder.make_room_for(run.run_id):
            return Refusal((fault,))
        owner = Owner.this_process()
        won = self._claimant(owner).take_over(run, {**self._tags(), **tags})
        if isinstance(won, Held):
            return self._refused(won)
        return start_session(
            self.store, self.request, won.record, folder=self.folder, before=run, owner=owner, how=how
        )

    def _claimant(self, owner: Owner) -> Claimant:
        return Claimant(
            registry=self.store.registry,
            owner=owner,
            heartbeat_s=self.store.settings.heartbeat_s,
            sleep=self._sleep,
            queue=self._turn,
            now_of=self.vigil.known_now_of,
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with ExitStack() as stack:
            with self.may_end():
                stack.enter_context(self.store.queue())
            yield

    def _sleep(self, seconds: float) -> None:
        with self.may_end():
            time.sleep(seconds)

    def _tags(self) -> dict[str, str]:
        parent = self.request.parent_run_id
        return {
            layout.TAG_LAYOUT: layout.LAYOUT,
            layout.TAG_OPERATION: self.request.operation,
            layout.TAG_IDENTITY: self.request.identity,
            **({layout.TAG_PARENT: parent} if parent is not None else {}),
        }


def claim_folder(settings: MlflowConfig, request: RunRequest, is_named_by_time: bool) -> RunFolder | Refusal:
    """Claim the folder of a job that will start, before anything is written there.

    Args:
        settings: the job's settings of MLflow.
        request: its `run_dir` is the folder from the config.
        is_named_by_time: the folder's name is a time, which another run may have too; then another name is used.

    Returns:
        The folder, which a later `open_run` of this process uses; or SER409.

    Raises:
        RunFolderError: it cannot be created or written.
    """
    asking = Occupant.of(settings, request)
    if is_named_by_time:
        return RunFolder.claim_new(request.run_dir, asking)
    folder = RunFolder.claim(request.run_dir, asking, has_begun=False)
    return Refusal((folder,)) if isinstance(folder, Diagnostic) else folder


def claim_sweep_folder(path: Path) -> RunFolder:
    """Claim a new folder for the jobs of a sweep: `path`, or `path-1` and so on if it exists.

    Raises:
        RunFolderError: it cannot be created or written.
    """
    return RunFolder.claim_new(
        path, Occupant(operation="sweep", run_name=None, experiment="", identity="", is_known=False)
    )
