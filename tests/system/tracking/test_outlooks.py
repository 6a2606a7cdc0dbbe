"""What `check --runs` foretells of a run, beside what a job then does: for each state, way of asking and setting."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig, OnDrift, OnExisting
from serotiny.tracking import Finished, Refusal, RunRequest, TrackingError, layout, open_run
from serotiny.tracking.clock import now_ms
from serotiny.tracking.lookup import Action, look_up
from serotiny.tracking.mlflow.store import open_store
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.session import FROM_THE_START, EndStatus

Config = dict[str, dict[str, float]]

CONFIG: Config = {"model": {"lr": 0.1}, "trainer": {"max_epochs": 3}}
OTHER: Config = {"model": {"lr": 0.2}, "trainer": {"max_epochs": 3}}
LONGER: Config = {"model": {"lr": 0.1}, "trainer": {"max_epochs": 4}}
NAME = "a run"
_numbers = itertools.count()

Verdict = tuple[str, Diagnostic | str | None]


class World:
    """An experiment of its own in a store, in which a run is brought into a state."""

    def __init__(self, uri: str, root: Path) -> None:
        self.root = root
        self.settings = MlflowConfig(
            tracking_uri=uri, experiment_name=f"outlooks {next(_numbers)}", drain_s=60
        )
        self.store = open_store(self.settings, root)

    @property
    def client(self) -> MlflowClient:
        return self.store.client

    def asking(self, operation: str, name: str | None, config: Config) -> RunRequest:
        return RunRequest(
            operation=operation,
            run_name=name,
            logged_config=config,
            identity=json.dumps(config),
            run_dir=self.root / f"job{next(_numbers)}",
            project_root=self.root,
        )

    def ended(self, status: EndStatus, parent: str | None = None) -> str:
        asking = replace(self.asking("train", NAME, CONFIG), parent_run_id=parent)
        session = open_run(self.settings, asking)
        assert not isinstance(session, Refusal | Finished), session
        session.close(status)
        return session.info.run_id

    def made(
        self, status: str = "RUNNING", experiment_id: str | None = None, name: str = NAME, **tags: str
    ) -> str:
        """A run with these tags of serotiny's, by another program if there are none."""
        run = self.client.create_run(
            experiment_id or self.store.registry.experiment_id,
            start_time=now_ms(),
            tags={f"serotiny.{key}": value for key, value in tags.items()},
            run_name=name,
        )
        if status != "RUNNING":
            self.client.set_terminated(run.info.run_id, status)
        return str(run.info.run_id)


def _deleted(world: World) -> str:
    run_id = world.ended("FINISHED")
    world.client.delete_run(run_id)
    return run_id


def _elsewhere(world: World) -> str:
    other = world.client.create_experiment(f"elsewhere {next(_numbers)}")
    return world.made("FINISHED", other, state="owned")


def _held(world: World, state: str) -> str:
    here = Owner.this_process().process
    return world.made(state=state, process=here, heartbeat=str(now_ms()))


STATES: dict[str, Callable[[World], str]] = {
    "none": lambda _: "0" * 32,
    "finished": lambda world: world.ended("FINISHED"),
    "failed": lambda world: world.ended("FAILED"),
    "killed": lambda world: world.ended("KILLED"),
    "in a sweep": lambda world: world.ended("FAILED", parent=world.made(name="a sweep")),
    "dead": lambda world: world.made(state="owned", heartbeat="1000", heartbeat_s="1"),
    "alive": lambda world: _held(world, "owned"),
    "claimed": lambda world: _held(world, "pending"),
    "claim of the dead": lambda world: world.made(state="pending", heartbeat="1000", heartbeat_s="1"),
    "another tool's": lambda world: world.made(),
    "another tool's that finished": lambda world: world.made("FINISHED"),
    "several": lambda world: (world.made("FINISHED", state="owned"), world.made("FAILED"))[0],
    "a sweep's": lambda world: world.made("FINISHED", state="owned", operation=layout.SWEEP),
    "elsewhere": _elsewhere,
    "deleted": _deleted,
}


def _calls(world: World, run_id: str) -> Iterator[tuple[MlflowConfig, RunRequest]]:
    """Jobs that ask by name, by id, or by id with another name beside it."""
    by_name, by_id = world.settings, world.settings.model_copy(update={"run_id": run_id})
    for where, name in ((by_name, NAME), (by_id, None), (by_id, "another name")):
        yield where, world.asking("test", name, CONFIG)
        for on_existing in OnExisting:
            set_so = where.model_copy(update={"on_existing": on_existing})
            yield set_so, world.asking("train", name, CONFIG)
    for config, on_drift in itertools.product((OTHER, LONGER), OnDrift):
        yield by_name.model_copy(update={"on_drift": on_drift}), world.asking("train", NAME, config)


def _foretold(world: World, where: MlflowConfig, asking: RunRequest) -> Verdict:
    try:
        (report,) = look_up(where, [asking], world.root)
    except TrackingError as error:
        return "fails", str(error)
    if report.diagnostic is not None:
        return "refuses", report.diagnostic
    run_id = None if report.run is None else report.run.run_id
    if report.action in {Action.SKIP, Action.CONTINUE_IF_LONGER}:
        return "finished", run_id
    return ("new", None) if report.action is Action.CREATE else ("goes on", run_id)


def _become(world: World, where: MlflowConfig, asking: RunRequest) -> Verdict:
    try:
        outcome = open_run(where, asking)
    except TrackingError as error:
        return "fails", str(error)
    if isinstance(outcome, Refusal):
        return "refuses", outcome.diagnostics[0]
    if isinstance(outcome, Finished):
        return "finished", outcome.run_id
    info = outcome.info
    outcome.close("FAILED")
    is_new = info.generation == 1 and asking.operation == "train"
    return ("new", None) if is_new and where.run_id is None else ("goes on", info.run_id)


@pytest.mark.parametrize("state", STATES)
def test_what_is_foretold_of_a_run_is_what_becomes_of_it(
    state: str, plain_sqlite: str, tmp_path: Path
) -> None:
    """Whoever asks, by name or by id, and with whatever settings, check and job refuse, skip, go on or begin alike."""
    count = sum(1 for _ in _calls(World(plain_sqlite, tmp_path), ""))
    differences: list[tuple[MlflowConfig, str, Verdict, Verdict]] = []
    for index in range(count):
        world = World(plain_sqlite, tmp_path)  # the job before has changed the run
        where, asking = next(itertools.islice(_calls(world, STATES[state](world)), index, None))

        foretold, become = _foretold(world, where, asking), _become(world, where, asking)
        if foretold != become:
            differences.append((where, asking.operation, foretold, become))

    assert [] == differences


@pytest.mark.parametrize("operation", ["train", "test"])
def test_a_job_of_its_own_never_gets_the_run_of_a_sweep(
    operation: str, plain_sqlite: str, tmp_path: Path
) -> None:
    """By name and by id it is refused with what to name instead."""
    world = World(plain_sqlite, tmp_path)
    by_id = world.settings.model_copy(update={"run_id": STATES["a sweep's"](world)})

    outcomes = [open_run(where, world.asking(operation, NAME, CONFIG)) for where in (world.settings, by_id)]

    assert ["SER403"] * 2 == [
        fault.code for outcome in outcomes if isinstance(outcome, Refusal) for fault in outcome.diagnostics
    ]


def test_a_run_that_is_resumed_without_a_checkpoint_is_foretold_to_start_over(
    plain_sqlite: str, tmp_path: Path
) -> None:
    """A killed run has no checkpoint yet: the next start trains it from the start, and the check says so first."""
    world = World(plain_sqlite, tmp_path)
    world.ended("KILLED")

    (report,) = look_up(world.settings, [world.asking("train", NAME, CONFIG)], tmp_path)

    assert Action.RESUME is report.action
    assert report.note.endswith(f"; {FROM_THE_START}")
