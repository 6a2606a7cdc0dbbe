"""Claim a name, or take over an ended run, so that only one process owns it.

MLflow has no unique names and no compare-and-set. So a claim is first made visible (a run tagged `pending`), and
becomes ownership only when a search *after* that shows no rival. If X and Y both became owners, the later of their
two deciding searches came after both had created their claims, and would have shown the rival's. No clock is
involved; the order of rivals only decides which of them withdraws.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum

from serotiny.diagnostics.errors import Interruption
from serotiny.tracking import layout
from serotiny.tracking.clock import jittered, now_ms
from serotiny.tracking.errors import ClaimLostError
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.registry import RunRegistry
from serotiny.tracking.reservation.run_record import ClaimState, NameState, RunRecord, state_of_run


class Step(StrEnum):
    """The steps of the protocol, after each of which a process may die; see `Claimant.after_step`."""

    SEARCHED = "searched"
    CREATED = "created"
    DECIDED = "decided"
    OWNED = "owned"
    REREAD = "reread"
    TAKEN = "taken"


_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Owned:
    """This process owns the run."""

    record: RunRecord


@dataclass(frozen=True, slots=True)
class Held:
    """Another run or claim has the name; `found` is all of them."""

    found: tuple[RunRecord, ...]


def _nothing(_step: Step) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Claimant:
    """One process that claims a name.

    Attributes:
        heartbeat_s: the interval of our heartbeat, written with the claim; rivals judge by it whether we live.
        patience_s: how long to wait for claims that come after ours to withdraw, in seconds.
        queue: a context that is entered while claiming, for speed; correctness does not depend on it.
        after_step: called after each step of the protocol; tests stop or kill the process there.
        now_of: the time by which to judge whether a rival lives; None to use `clock_ms`.
    """

    registry: RunRegistry
    owner: Owner
    heartbeat_s: float = 30.0
    patience_s: float = 60.0
    clock_ms: Callable[[], int] = now_ms
    sleep: Callable[[float], None] = time.sleep
    queue: Callable[[], AbstractContextManager[object]] = nullcontext
    after_step: Callable[[Step], None] = _nothing
    now_of: Callable[[RunRecord], int] | None = None

    def reserve(self, name: str, tags: Mapping[str, str]) -> Owned | Held:
        """Create a run called `name`, unless another process has or gets that name.

        Safe between processes that start at the same time: of any number of callers exactly one owns the name. If a
        signal interrupts the wait for rivals, the claim is withdrawn.
        """
        if found := self._without_abandoned(self.registry.search(name)):
            return Held(tuple(found))
        with self.queue():
            return self._reserve_in_turn(name, tags)

    def _reserve_in_turn(self, name: str, tags: Mapping[str, str]) -> Owned | Held:
        if found := self._without_abandoned(self.registry.search(name)):
            return Held(tuple(found))
        self.after_step(Step.SEARCHED)
        claim = self.registry.create(name, self._tags(ClaimState.PENDING))
        self.after_step(Step.CREATED)
        try:
            rivals = self._wait_until_sole(name, claim)
            if rivals:
                self.registry.delete(claim.run_id)
                return Held(tuple(rivals))
            self.after_step(Step.DECIDED)
            # in one request, so that no run is ever owned without the tags of its owner
            self.registry.set_tags(claim.run_id, {**tags, **self._tags(ClaimState.OWNED)})
        except ClaimLostError:
            return Held(tuple(self.registry.search(name)))
        except Interruption:
            self.registry.delete(claim.run_id)
            raise
        self.after_step(Step.OWNED)
        owned = self.registry.get(claim.run_id)
        return Owned(owned) if owned else Held(tuple(self.registry.search(name)))

    def take_over(self, run: RunRecord, tags: Mapping[str, str]) -> Owned | Held:
        """Become the owner of the ended run `run`, unless another process does, or it turns out to be alive.

        The claim is a separate run with the same name. The new owner is written to `run` only while this is the
        only claim, and only if `run` has not changed meanwhile.
        """
        with self.queue():
            return self._take_over_in_turn(run, tags)

    def _take_over_in_turn(self, run: RunRecord, tags: Mapping[str, str]) -> Owned | Held:
        found = self._without_abandoned(self.registry.search(run.name))
        if claims := [record for record in found if record.is_pending]:
            return Held(tuple(claims))  # withdraw: claims that come and go would keep the first one waiting
        claim = self.registry.create(
            run.name, {**self._tags(ClaimState.PENDING), layout.TAG_RESUMES: run.run_id}
        )
        self.after_step(Step.CREATED)
        try:
            rivals = self._wait_until_sole(run.name, claim, only_claims=True)
            if rivals:
                return Held(tuple(rivals))
            self.after_step(Step.DECIDED)
            return self._write_owner(run, claim, tags)
        except ClaimLostError:
            return Held(tuple(self.registry.search(run.name)))
        finally:
            self.registry.delete(claim.run_id)

    def _write_owner(self, run: RunRecord, claim: RunRecord, tags: Mapping[str, str]) -> Owned | Held:
        current = self.registry.get(run.run_id)
        unchanged = current is not None and (current.token, current.generation) == (run.token, run.generation)
        if current is None or not unchanged or self._is_alive(current):
            return Held((current,) if current else ())
        self.after_step(Step.REREAD)
        generation = {layout.TAG_GENERATION: str(run.generation + 1)}
        self.registry.set_tags(run.run_id, {**tags, **self._tags(ClaimState.OWNED), **generation})
        self.registry.set_status(run.run_id, "RUNNING")
        self.after_step(Step.TAKEN)
        # A rival that took us for dead has deleted our claim before it wrote its name. Then it is the owner, and its
        # heartbeat writes its name again.
        if self.registry.get(claim.run_id) is None:
            return Held(tuple(self.registry.search(run.name)))
        taken = self.registry.get(run.run_id)
        if taken is None or taken.token != self.owner.token:
            return Held((taken,) if taken else ())
        return Owned(taken)

    def _wait_until_sole(self, name: str, claim: RunRecord, only_claims: bool = False) -> list[RunRecord]:
        """Wait until no rival is left, and return an empty list; or return the rivals for which we have to withdraw.

        Raises:
            ClaimLostError: our claim was deleted, since this process gave no sign of life for too long.
        """
        start_ms = refreshed_ms = self.clock_ms()
        pause_s = _FIRST_PAUSE_S
        while True:
            found = self._without_abandoned(self.registry.search(name))
            if all(record.run_id != claim.run_id for record in found):
                raise ClaimLostError(f"our claim on the run name `{name}` was cleared away")
            rivals = self._rivals(found, claim, only_claims)
            now = self.clock_ms()
            if not rivals or any(not rival.is_pending or rival.order < claim.order for rival in rivals):
                return rivals
            if now - start_ms > self.patience_s * 1000:
                return rivals
            if now - refreshed_ms > self.heartbeat_s * 1000:
                self.registry.set_tags(claim.run_id, {layout.TAG_HEARTBEAT: str(now)})
                refreshed_ms = now
            self.sleep(jittered(pause_s))
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)

    def _rivals(self, found: list[RunRecord], claim: RunRecord, only_claims: bool) -> list[RunRecord]:
        others = [record for record in found if record.run_id != claim.run_id]
        # If the HTTP layer has repeated our request, several claims have our token; we keep one.
        for twin in (record for record in others if record.token == self.owner.token and record.is_pending):
            self.registry.delete(twin.run_id)
        rivals = [record for record in others if record.token != self.owner.token]
        return [record for record in rivals if record.is_pending] if only_claims else rivals

    def _without_abandoned(self, found: list[RunRecord]) -> list[RunRecord]:
        """`found` without the claims of dead processes, which are deleted."""
        kept = []
        for record in found:
            if (
                record.is_pending
                and record.token != self.owner.token
                and record.is_abandoned(self._now_of(record))
            ):
                self.registry.delete(record.run_id)
            else:
                kept.append(record)
        return kept

    def _is_alive(self, run: RunRecord) -> bool:
        return state_of_run(run, self._now_of(run)) is NameState.ALIVE

    def _now_of(self, record: RunRecord) -> int:
        return self.clock_ms() if self.now_of is None else self.now_of(record)

    def _tags(self, state: ClaimState) -> dict[str, str]:
        since = dt.datetime.fromtimestamp(self.clock_ms() / 1000, tz=dt.UTC).isoformat(timespec="seconds")
        return {
            layout.TAG_STATE: state.value,
            layout.TAG_TOKEN: self.owner.token,
            layout.TAG_HOST: self.owner.host,
            layout.TAG_PID: str(self.owner.pid),
            layout.TAG_PROCESS: self.owner.process,
            layout.TAG_SINCE: since,
            layout.TAG_HEARTBEAT: str(self.clock_ms()),
            layout.TAG_HEARTBEAT_S: repr(self.heartbeat_s),
        }
