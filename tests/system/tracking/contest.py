"""Processes that want one name at one moment; some are killed in the middle.

A script, since it forks: mlflow is imported once, before the forks, and nothing is opened until after them.

    python contest.py race URI PROCESSES TRIALS   everybody wants a name that is free
    python contest.py kill URI TRIALS AT_ONCE     one is killed after a step, four rivals go on; for each step of
                                                  reserving a free name (new) and of taking over a dead run (old)

Prints one JSON document a trial.
"""

from __future__ import annotations

import json
import multiprocessing as mp
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import mlflow  # noqa: F401  # once for all that are forked

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.clock import now_ms
from serotiny.tracking.layout import TAG_PID
from serotiny.tracking.mlflow.store import Store, open_store
from serotiny.tracking.reservation.claim import Claimant, Held, Owned, Step
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.run_record import NameState, runs_of, state_of_name

HEARTBEAT_S = 2.0
STALE_S = 4 * HEARTBEAT_S
RIVALS = 4
_LOOK_AGAIN_S = 1.0
"""Rivals that ask all the time would keep a busy server from taking the owner's heartbeats."""
_TRIAL_LIMIT_S = 300.0
_HEAD_STARTS_S = (None, 0.05, 0.0)  # with the first, the rivals wait until the victim has died
_KILL_STEPS = {
    "new": (Step.SEARCHED, Step.CREATED, Step.DECIDED, Step.OWNED),
    "old": (Step.CREATED, Step.DECIDED, Step.REREAD, Step.TAKEN),
}
_CONTEXT = mp.get_context("fork")


def opened(uri: str) -> Store:
    return open_store(MlflowConfig(tracking_uri=uri, experiment_name="contest"), Path.cwd())


def racer(uri: str, names: list[str], barrier: Barrier, answers: Any) -> None:
    """Ask for each name in turn, together with all others."""
    store = opened(uri)
    # The first use of each statement costs SQLAlchemy some 0.2 s of computing, which is no part of the protocol.
    Claimant(registry=store.registry, owner=Owner.this_process(), queue=store.queue).reserve(
        f"warm-up of {os.getpid()}", {}
    )
    for name in names:
        barrier.wait()
        start = time.monotonic()
        try:
            claimant = Claimant(
                registry=store.registry,
                owner=Owner.this_process(),
                patience_s=_TRIAL_LIMIT_S,
                queue=store.queue,
            )
            outcome = claimant.reserve(name, {"test": "race"})
            answer = ("owner", outcome.record.run_id) if isinstance(outcome, Owned) else ("held", "")
        except Exception as error:  # it is the answer
            answer = ("error", repr(error))
        answers.put((name, answer[0], time.monotonic() - start, answer[1]))
    barrier.wait()  # all stay alive until the last has its answer


def race(uri: str, processes: int, trials: int) -> None:
    barrier, answers = _CONTEXT.Barrier(processes), _CONTEXT.Queue()
    names = [f"contended {number} of {os.getpid()}" for number in range(trials)]
    workers = [_CONTEXT.Process(target=racer, args=(uri, names, barrier, answers)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=_TRIAL_LIMIT_S) for _ in range(processes * trials)]
    for worker in workers:
        worker.join()
    registry = opened(uri).registry
    for name in names:
        mine = [answer for answer in found if answer[0] == name]
        left = registry.search(name)
        report = {
            "owners": sum(kind == "owner" for _, kind, _, _ in mine),
            "held": sum(kind == "held" for _, kind, _, _ in mine),
            "errors": [text for _, kind, _, text in mine if kind == "error"],
            "runs": len(left),
            "pending": sum(run.is_pending for run in left),
            "median_s": round(statistics.median(taken_s for _, _, taken_s, _ in mine), 3),
            "slowest_s": round(max(taken_s for _, _, taken_s, _ in mine), 3),
        }
        print(json.dumps(report), flush=True)


def elsewhere() -> Owner:
    """A claim whose process cannot be looked up, as that of another host: only its heartbeat tells."""
    return replace(Owner.this_process(), process="")


def die_after(step: str) -> Callable[[Step], None]:
    def hook(reached: Step) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def contender(
    uri: str, name: str, barrier: Barrier, answers: Any, done: Event, die_at: str | None, may_start: Event
) -> None:
    """Try for the name until it is ours or the trial is over; then keep it alive until the trial is over."""
    store = opened(uri)
    hook = die_after(die_at) if die_at else lambda _step: None
    owner = elsewhere()
    queue = nullcontext if die_at else store.queue
    claimant = Claimant(
        registry=store.registry, owner=owner, heartbeat_s=HEARTBEAT_S, queue=queue, after_step=hook
    )
    barrier.wait()
    may_start.wait()
    while not done.is_set():
        outcome = attempt(store, claimant, name)
        if isinstance(outcome, Owned):
            heart = Heartbeat(
                store.registry,
                outcome.record.run_id,
                owner=owner,
                generation=outcome.record.generation,
                heartbeat_s=HEARTBEAT_S,
            )
            heart.start()
            answers.put((os.getpid(), time.time(), outcome.record.run_id))
            done.wait()
            heart.stop()
            return
        time.sleep(_LOOK_AGAIN_S)


def attempt(store: Store, claimant: Claimant, name: str) -> Owned | Held | None:
    found = store.registry.search(name)
    state = state_of_name(found, lambda _: now_ms())
    if state is NameState.FREE:
        return claimant.reserve(name, {})
    if state is NameState.FAILED:
        return claimant.take_over(runs_of(found)[0], {})
    return None


def kill_trial(uri: str, name: str, step: str, head_start_s: float | None) -> dict[str, Any]:
    barrier, answers, done = _CONTEXT.Barrier(RIVALS + 2), _CONTEXT.Queue(), _CONTEXT.Event()
    at_once, after_victim = _CONTEXT.Event(), _CONTEXT.Event()
    at_once.set()
    victim = _CONTEXT.Process(target=contender, args=(uri, name, barrier, answers, done, step, at_once))
    rivals = [
        _CONTEXT.Process(target=contender, args=(uri, name, barrier, answers, done, None, after_victim))
        for _ in range(RIVALS)
    ]
    for process in (victim, *rivals):
        process.start()
    barrier.wait()
    if head_start_s is None:
        victim.join()
        after_victim.set()
    else:
        time.sleep(head_start_s)
        after_victim.set()
        victim.join(timeout=3)  # it lives on when a rival was faster
    died = time.time()
    first = answers.get(timeout=_TRIAL_LIMIT_S)
    time.sleep(STALE_S + 1)  # long enough for a second one, if the first did not hold it
    done.set()
    for process in (victim, *rivals):
        process.join()
    others = []
    while not answers.empty():
        others.append(answers.get())
    left = opened(uri).registry.search(name)
    # one that the victim made when a rival was faster stays until somebody wants the name again
    claims = [run for run in left if run.is_pending and run.tags.get(TAG_PID) != str(victim.pid)]
    return {
        "step": step,
        "killed": victim.exitcode == -signal.SIGKILL,
        "owners": 1 + len(others),
        "runs": sum(not run.is_pending for run in left),
        "pending": len(claims),
        "had_again_s": round(max(0.0, first[1] - died), 3),
    }


def make_dead_run(uri: str, name: str) -> None:
    """A run whose owner was killed a while ago."""
    store = opened(uri)
    long_ago = now_ms() - 60_000
    outcome = Claimant(registry=store.registry, owner=elsewhere(), heartbeat_s=HEARTBEAT_S).reserve(name, {})
    assert isinstance(outcome, Owned)
    store.registry.set_tags(outcome.record.run_id, {"serotiny.heartbeat": str(long_ago)})
    time.sleep(STALE_S)  # its start counts as a sign of life, too


def kill(uri: str, kind: str, step: str, number: int, answers: Any) -> None:
    name = f"{kind} killed {step} {number} of {os.getppid()}"
    if kind == "old":
        setup = _CONTEXT.Process(target=make_dead_run, args=(uri, name))
        setup.start()
        setup.join()
    answers.put({"kind": kind, **kill_trial(uri, name, step, _HEAD_STARTS_S[number % 3])})


def kill_everywhere(uri: str, trials: int, at_once: int) -> None:
    """Trials of one process each, a few at a time: they wait for most of it."""
    answers = _CONTEXT.Queue()
    todo = [(kind, step, n) for n in range(trials) for kind, steps in _KILL_STEPS.items() for step in steps]
    while todo:
        batch, todo = todo[:at_once], todo[at_once:]
        workers = [_CONTEXT.Process(target=kill, args=(uri, *trial, answers)) for trial in batch]
        for worker in workers:
            worker.start()
        for _ in workers:
            print(json.dumps(answers.get(timeout=_TRIAL_LIMIT_S)), flush=True)
        for worker in workers:
            worker.join()


def main() -> None:
    mode, uri, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if mode == "race":
            race(uri, int(rest[0]), int(rest[1]))
        else:
            kill_everywhere(uri, int(rest[0]), int(rest[1]))


if __name__ == "__main__":
    main()
