"""The sole claim, step by step, against a registry in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from serotiny.diagnostics.errors import Interruption
from serotiny.tracking import layout
from serotiny.tracking.reservation.claim import Claimant, Held, Owned, Step
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.run_record import ClaimState, RunRecord
from tests.fakes.tracking import FakeRegistry

NAME = "a run"


class Clock:
    """Time that passes only in `sleep`."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms

    def sleep(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000) + 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(clock: Clock) -> FakeRegistry:
    return FakeRegistry(clock_ms=clock)


_pids = itertools.count(100)


def owner(token: str) -> Owner:
    return Owner(token, f"host-of-{token}", next(_pids), process="")


def claimant(
    registry: FakeRegistry, clock: Clock, token: str, after_step: Callable[[Step], None] = lambda _step: None
) -> Claimant:
    return Claimant(
        registry=registry,
        owner=owner(token),
        heartbeat_s=30.0,
        patience_s=60.0,
        clock_ms=clock,
        sleep=clock.sleep,
        after_step=after_step,
    )


def dead_run(registry: FakeRegistry, clock: Clock) -> RunRecord:
    """A run that failed."""
    outcome = claimant(registry, clock, "dead").reserve(NAME, {})
    assert isinstance(outcome, Owned)
    registry.set_status(outcome.record.run_id, "FAILED", 1)
    return registry.runs[outcome.record.run_id]


def test_free_name_is_owned_with_its_tags(registry: FakeRegistry, clock: Clock) -> None:
    """A name that nobody has becomes a run that is tagged as owned by us."""
    outcome = claimant(registry, clock, "a").reserve(NAME, {"mine": "yes"})

    assert isinstance(outcome, Owned)
    tags = outcome.record.tags
    assert (ClaimState.OWNED, "a", "yes") == (tags[layout.TAG_STATE], tags[layout.TAG_TOKEN], tags["mine"])


def test_taken_name_is_held_and_nothing_is_written(registry: FakeRegistry, clock: Clock) -> None:
    """A name that a run has is refused without a trace."""
    claimant(registry, clock, "a").reserve(NAME, {})
    before = dict(registry.runs)

    outcome = claimant(registry, clock, "b").reserve(NAME, {})

    assert isinstance(outcome, Held)
    assert before == registry.runs


def test_run_of_another_tool_counts_as_owned(registry: FakeRegistry, clock: Clock) -> None:
    """A run without our tags holds its name."""
    registry.create(NAME, {})

    assert isinstance(claimant(registry, clock, "a").reserve(NAME, {}), Held)


@pytest.mark.parametrize("step", [Step.SEARCHED, Step.CREATED, Step.DECIDED, Step.OWNED])
def test_rival_at_any_step_leaves_one_owner(registry: FakeRegistry, clock: Clock, step: Step) -> None:
    """Whichever step a rival comes at, exactly one of the two owns the name, and no claim is left."""
    outcomes: list[Owned | Held] = []

    def rival_comes(reached: Step) -> None:
        if reached is step and not outcomes:
            outcomes.append(Held(()))
            outcomes[0] = claimant(registry, clock, "rival").reserve(NAME, {})

    outcomes.append(claimant(registry, clock, "first", rival_comes).reserve(NAME, {}))

    assert 1 == sum(isinstance(outcome, Owned) for outcome in outcomes)
    assert [False] == [run.is_pending for run in registry.search(NAME)]


def test_later_of_two_pending_claims_withdraws(registry: FakeRegistry, clock: Clock) -> None:
    """A claimant that sees a pending claim that sorts before its own deletes its own."""
    created = False

    def rival_is_first(call: str) -> None:
        nonlocal created
        if call == "create" and not created:
            created = True
            early = registry.create(NAME, fresh_claim(clock, "early"))
            registry.runs[early.run_id] = replace(early, start_ms=early.start_ms - 500)

    registry.before_call = rival_is_first
    outcome = claimant(registry, clock, "late").reserve(NAME, {})

    assert isinstance(outcome, Held)
    assert ["early"] == [run.token for run in registry.search(NAME)]


def test_first_in_line_waits_for_the_later_to_withdraw(registry: FakeRegistry, clock: Clock) -> None:
    """A pending claim that sorts after ours only makes us wait."""
    searches = itertools.count()

    def rival_withdraws(call: str) -> None:
        number = next(searches) if call == "search" else -1
        if number == 2:
            late = registry.create(NAME, fresh_claim(clock, "late"))
            registry.runs[late.run_id] = replace(late, start_ms=late.start_ms + 500)
        if number == 4:
            registry.runs = {key: run for key, run in registry.runs.items() if run.token != "late"}

    registry.before_call = rival_withdraws

    assert isinstance(claimant(registry, clock, "early").reserve(NAME, {}), Owned)


def test_rival_that_never_withdraws_ends_our_patience(registry: FakeRegistry, clock: Clock) -> None:
    """We give up after `patience_s`, and leave no claim."""

    def stubborn(call: str) -> None:
        if call == "search" and len(registry.runs) == 1:
            registry.before_call = lambda _call: None
            late = registry.create(NAME, {**fresh_claim(clock, "late"), layout.TAG_HEARTBEAT_S: "1000"})
            registry.runs[late.run_id] = replace(late, start_ms=late.start_ms + 500)

    registry.before_call = stubborn
    outcome = claimant(registry, clock, "early").reserve(NAME, {})

    assert isinstance(outcome, Held)
    assert ["late"] == [run.token for run in registry.search(NAME)]


def test_claimant_that_is_interrupted_while_it_waits_withdraws(registry: FakeRegistry, clock: Clock) -> None:
    """A signal in the wait for a rival leaves the name to the rival."""

    def rival_stays(step: Step) -> None:
        if step is Step.CREATED:
            clock.sleep(1)
            registry.create(NAME, fresh_claim(clock, "rival"))

    def interrupted(_seconds: float) -> None:
        raise Interruption("interrupted by SIGTERM")

    waiting = replace(claimant(registry, clock, "a", rival_stays), sleep=interrupted)
    with pytest.raises(Interruption):
        waiting.reserve(NAME, {})

    assert ["rival"] == [run.token for run in registry.search(NAME)]


def test_abandoned_claim_is_cleared_away(registry: FakeRegistry, clock: Clock) -> None:
    """A claim without a sign of life for four heartbeats is deleted by whoever comes next."""
    registry.create(NAME, fresh_claim(clock, "dead"))
    clock.now_ms += 121_000

    outcome = claimant(registry, clock, "a").reserve(NAME, {})

    assert isinstance(outcome, Owned)
    assert ["a"] == [run.token for run in registry.search(NAME)]


def test_repeated_request_of_our_own_is_kept_once(registry: FakeRegistry, clock: Clock) -> None:
    """Of two runs that the HTTP layer made of our one request, one is left."""

    def doubled(call: str) -> None:
        if call == "search" and len(registry.runs) == 1:
            registry.before_call = lambda _call: None
            registry.create(NAME, next(iter(registry.runs.values())).tags)

    registry.before_call = doubled

    assert isinstance(claimant(registry, clock, "a").reserve(NAME, {}), Owned)
    assert 1 == len(registry.search(NAME))


def test_claim_cleared_while_we_slept_is_not_owned(registry: FakeRegistry, clock: Clock) -> None:
    """A claimant that was stopped for too long, and was cleared away, does not own the name."""

    def slept(step: Step) -> None:
        if step is Step.DECIDED:
            clock.now_ms += 200_000
            assert isinstance(claimant(registry, clock, "other").reserve(NAME, {}), Owned)

    outcome = claimant(registry, clock, "sleeper", slept).reserve(NAME, {})

    assert isinstance(outcome, Held)
    assert ["other"] == [run.token for run in registry.search(NAME)]


def test_dead_run_is_taken_over_with_the_next_generation(registry: FakeRegistry, clock: Clock) -> None:
    """Taking over writes the new owner to the same run, sets it RUNNING, and leaves no claim."""
    run = dead_run(registry, clock)

    outcome = claimant(registry, clock, "b").take_over(run, {})

    assert isinstance(outcome, Owned)
    assert (run.run_id, "b", 2, "RUNNING") == (
        outcome.record.run_id,
        outcome.record.token,
        outcome.record.generation,
        registry.runs[run.run_id].status,
    )
    assert [run.run_id] == [record.run_id for record in registry.search(NAME)]


@pytest.mark.parametrize("step", [Step.CREATED, Step.DECIDED, Step.REREAD, Step.TAKEN])
def test_rival_take_over_at_any_step_leaves_one_owner(
    registry: FakeRegistry, clock: Clock, step: Step
) -> None:
    """Of two that take over one run, whichever step the second comes at, one owns it."""
    run = dead_run(registry, clock)
    outcomes: list[Owned | Held] = []

    def rival_comes(reached: Step) -> None:
        if reached is step and not outcomes:
            outcomes.append(Held(()))
            outcomes[0] = claimant(registry, clock, "rival").take_over(run, {})

    outcomes.append(claimant(registry, clock, "first", rival_comes).take_over(run, {}))

    assert 1 == sum(isinstance(outcome, Owned) for outcome in outcomes)
    assert [run.run_id] == [record.run_id for record in registry.search(NAME)]


def test_sleeper_that_overwrites_a_take_over_gives_up_and_is_written_over(
    registry: FakeRegistry, clock: Clock
) -> None:
    """One that slept between its last look and its write finds its claim gone; the owner's heartbeat mends the run."""
    run = dead_run(registry, clock)
    rival = owner("rival")

    def slept(step: Step) -> None:
        if step is Step.REREAD:
            clock.now_ms += 200_000
            other = Claimant(
                registry=registry,
                owner=rival,
                heartbeat_s=30.0,
                patience_s=60.0,
                clock_ms=clock,
                sleep=clock.sleep,
            )
            assert isinstance(other.take_over(run, {}), Owned)

    outcome = claimant(registry, clock, "sleeper", slept).take_over(run, {})
    Heartbeat(registry, run.run_id, owner=rival, generation=2, heartbeat_s=30.0, clock_ms=clock).beat()

    assert isinstance(outcome, Held)
    assert "rival" == registry.runs[run.run_id].token


def test_run_that_came_alive_is_not_taken_over(registry: FakeRegistry, clock: Clock) -> None:
    """A run that another took over after we had read it is left alone."""
    run = dead_run(registry, clock)
    claimant(registry, clock, "b").take_over(run, {})

    outcome = claimant(registry, clock, "c").take_over(run, {})

    assert isinstance(outcome, Held)
    assert "b" == registry.runs[run.run_id].token


def fresh_claim(clock: Clock, token: str) -> dict[str, str]:
    return {
        layout.TAG_STATE: ClaimState.PENDING,
        layout.TAG_TOKEN: token,
        layout.TAG_HEARTBEAT: str(clock()),
        layout.TAG_HEARTBEAT_S: "30.0",
    }
