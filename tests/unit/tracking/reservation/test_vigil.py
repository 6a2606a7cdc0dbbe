"""Runs of processes whose clocks are wrong, judged against a registry in memory."""

from __future__ import annotations

import pytest

from serotiny.tracking import layout
from serotiny.tracking.errors import ClaimLostError
from serotiny.tracking.reservation.claim import Claimant, Owned
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.run_record import NameState, state_of_run
from serotiny.tracking.reservation.vigil import Vigil
from tests.fakes.tracking import FakeRegistry

_HOUR_MS = 3_600_000
_HEARTBEAT_S = 30.0


class World:
    """A registry and a clock; time passes only in `sleep`, and `beats` says whether the other process is alive."""

    def __init__(self, *, beats: bool, ahead_ms: int = _HOUR_MS) -> None:
        self.now_ms, self.slept_s, self.beats = 10 * _HOUR_MS, 0.0, beats
        self.registry = FakeRegistry(clock_ms=lambda: self.now_ms + ahead_ms)
        self.owner = Owner("theirs", "elsewhere", 1, "")
        other = Claimant(
            registry=self.registry,
            owner=self.owner,
            heartbeat_s=_HEARTBEAT_S,
            clock_ms=lambda: self.now_ms + ahead_ms,
        )
        outcome = other.reserve("a run", {})
        assert isinstance(outcome, Owned)
        self.run = outcome.record
        self.vigil = Vigil(self.registry, clock_ms=lambda: self.now_ms, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)
        self.slept_s += seconds
        if self.beats and self.slept_s > _HEARTBEAT_S:
            tags = {layout.TAG_HEARTBEAT: str(self.now_ms + _HOUR_MS)}
            self.registry.set_tags(self.run.run_id, tags)

    def state(self) -> NameState:
        return state_of_run(self.run, self.vigil.now_of(self.run))

    def claimant(self) -> Claimant:
        return Claimant(
            registry=self.registry,
            owner=Owner("ours", "here", 2, ""),
            clock_ms=lambda: self.now_ms,
            now_of=self.vigil.known_now_of,
        )


def test_silent_run_whose_clock_is_ahead_is_dead_after_four_heartbeats() -> None:
    """It is taken over then, and not an hour later; who has it afterwards is alive."""
    world = World(beats=False)
    states = [world.state(), world.state()]
    slept_s = world.slept_s
    taken = world.claimant().take_over(world.run, {})

    assert [NameState.FAILED] * 2 == states
    assert 4 * _HEARTBEAT_S < slept_s < 4.5 * _HEARTBEAT_S
    assert isinstance(taken, Owned)
    assert NameState.ALIVE is state_of_run(taken.record, world.vigil.known_now_of(taken.record))


def test_beating_run_whose_clock_is_ahead_is_alive() -> None:
    """The next sign of life ends the watch."""
    world = World(beats=True)

    assert NameState.ALIVE is world.state()
    assert world.slept_s < 1.2 * _HEARTBEAT_S


def test_live_run_whose_clock_is_far_behind_is_taken_over_and_its_process_notices() -> None:
    """It seems dead at once; its next sign of life finds that it has the run no more, and is not written."""
    world = World(beats=True, ahead_ms=-_HOUR_MS)
    state = world.state()
    taken = world.claimant().take_over(world.run, {})
    heartbeat = Heartbeat(
        world.registry, world.run.run_id, owner=world.owner, generation=1, heartbeat_s=_HEARTBEAT_S
    )

    assert (NameState.FAILED, 0.0) == (state, world.slept_s)
    assert isinstance(taken, Owned)
    with pytest.raises(ClaimLostError, match="was taken over by here, process 2"):
        heartbeat.beat()
    assert "ours" == world.registry.runs[world.run.run_id].token
