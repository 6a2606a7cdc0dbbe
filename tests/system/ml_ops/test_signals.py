"""Signals outside of the training, and clocks that are wrong, with processes and stores as users have them."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from mlflow import MlflowClient

from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.mlflow.sqlite.lock import open_lock
from tests.fakes.warm_processes import ended
from tests.system.tracking.servers import MlflowServer

from .conftest import ToyRun

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

_STEPS_AN_EPOCH = 7
_HOUR_MS = 3_600_000
_SLOW_HEARTBEAT_S = 10.0


@pytest.mark.parametrize("kind", ["sqlite", "http"])
def test_signal_at_any_step_of_a_claim_leaves_a_run_to_go_on_with(
    kind: str, store: str, server: MlflowServer, tmp_path: Path
) -> None:
    """SIGTERM while a name is claimed or taken over: exit status 3, the run is KILLED, and is the only one of its name."""
    toy = ToyRun(tmp_path, store if kind == "sqlite" else server.uri, max_epochs=1, name=f"claimed {kind}")
    found = []
    for call in ("create_run", "create_run", "log_batch", "update_run"):  # the first is of a free name
        status = ended(toy.start(after_call=call, by=signal.SIGTERM))
        found.append((status, [run.info.status for run in toy.runs()]))
    toy.finish()

    assert [(3, ["KILLED"])] * 4 == found
    assert ["FINISHED"] == [run.info.status for run in toy.runs()]
    assert _STEPS_AN_EPOCH == toy.state()["global_step"]


def test_ctrl_c_while_the_store_is_made_says_that_nothing_was_recorded(tmp_path: Path) -> None:
    """Another process makes its tables, for which this one waits: it ends at once, and tells how to start it."""
    toy = ToyRun(tmp_path, f"sqlite:///{tmp_path}/mlflow.db", max_epochs=1)
    file = tmp_path / "mlflow.db"
    with open_lock(file) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = toy.start()
        while process.is_alive() and not has_open(process, tmp_path / ".mlflow.db.lock"):
            time.sleep(0.05)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGINT)
        status = ended(process)

    assert 3 == status
    assert "interrupted by SIGINT, and nothing was recorded: the same command starts the job" in toy.output()
    assert not file.exists()
    toy.finish()
    assert ["FINISHED"] == [run.info.status for run in toy.runs()]


def has_open(process: BaseProcess, file: Path) -> bool:
    descriptors = Path(f"/proc/{process.pid}/fd")
    return any(os.path.realpath(item) == str(file) for item in descriptors.iterdir())


def draining(toy: ToyRun, server: MlflowServer) -> BaseProcess:
    """A start whose training has ended while its server is away, and which has got one signal since."""
    process = toy.start(waits_at="0,6")
    toy.wait_for_training(process)
    server.kill()
    (toy.run_dir / "go_on").touch()
    wait_for('["end",', toy.run_dir / "tracking" / "journal.jsonl", process)
    process.terminate()
    wait_for("once more ends at once", toy.run_dir / "output", process)
    return process


def wait_for(text: str, file: Path, process: BaseProcess) -> None:
    while text not in file.read_text():
        assert process.is_alive(), file.read_text()
        time.sleep(0.05)


def last_checkpoint(toy: ToyRun) -> tuple[str, int]:
    """The status of the one run of this name, and the step of its stored checkpoint; -1 without one."""
    (run,) = toy.runs()
    record = run.data.tags.get(f"{layout.TAG_CHECKPOINT_PREFIX}last", '{"step": -1}')
    return run.info.status, json.loads(record)["step"]


def test_one_signal_in_the_final_drain_changes_nothing(server: MlflowServer, tmp_path: Path) -> None:
    """The training had ended: once the server is back the run is FINISHED with its last checkpoint, exit status 0."""
    toy = ToyRun(tmp_path, server.uri, max_epochs=1, name="drained")
    process = draining(toy, server)
    server.start()

    assert 0 == ended(process), toy.output()
    assert ("FINISHED", _STEPS_AN_EPOCH) == last_checkpoint(toy)


def test_two_signals_in_the_final_drain_leave_the_rest_to_the_next_start(
    server: MlflowServer, tmp_path: Path
) -> None:
    """The second ends at once: the run is not FINISHED, until the same command, which is told, has sent the checkpoint."""
    toy = ToyRun(tmp_path, server.uri, max_epochs=1, name="drained twice")
    process = draining(toy, server)
    process.terminate()
    status = ended(process)
    server.start()
    before = last_checkpoint(toy)
    toy.finish()

    assert (3, ("RUNNING", -1)) == (status, before)
    assert "the same command goes on" in (tmp_path / f"{toy.name}-1" / "output").read_text()
    assert ("FINISHED", _STEPS_AN_EPOCH) == last_checkpoint(toy)


@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)])
@pytest.mark.parametrize(
    ("place", "first_at"), [("write", None), ("write", "0,2"), ("upload", None), ("upload", "0,2")]
)
def test_two_signals_while_a_checkpoint_is_saved_close_the_run(
    place: str, first_at: str | None, numbers: tuple[int, int], store: str, tmp_path: Path
) -> None:
    """The first asks for it, or comes in the midst; the second ends at once: KILLED, nothing half-written, and it goes on."""
    toy = ToyRun(tmp_path, store, max_epochs=2, name=f"{place} {first_at} {numbers}")
    process = toy.start(waits_in=place, at=first_at, by=numbers[0])
    assert process.pid is not None
    wait_for_file(toy.run_dir / f"in_{place}", process)
    for number in numbers if first_at is None else numbers[1:]:
        os.kill(process.pid, number)
        wait_for("once more ends at once", toy.run_dir / "output", process)
    status = ended(process)
    between = [run.info.status for run in toy.runs()]
    left = list(toy.run_dir.rglob("*.partial"))
    toy.finish()

    assert (3, ["KILLED"], []) == (status, between, left), toy.output()
    said = (tmp_path / f"{toy.name}-1" / "output").read_text()
    assert "again: closing the run without waiting; once more ends at once" in said
    assert "the same command goes on from the last checkpoint" in said
    assert ["FINISHED"] == [run.info.status for run in toy.runs()]
    assert 2 * _STEPS_AN_EPOCH == toy.state()["global_step"]


def wait_for_file(file: Path, process: BaseProcess) -> None:
    while not file.exists():
        assert process.is_alive()
        time.sleep(0.05)


def seem_elsewhere(toy: ToyRun, ahead_ms: int, heartbeat_s: float = 0.5) -> str:
    """Let the run look as if its process were on another host, with a clock that is ahead by this; its id."""
    (run,) = toy.runs()
    beat(toy.tracking_uri, run.info.run_id, ahead_ms, heartbeat_s)
    return str(run.info.run_id)


def beat(tracking_uri: str, run_id: str, ahead_ms: int, heartbeat_s: float = 0.5) -> None:
    tags = {
        layout.TAG_HOST: "elsewhere",
        layout.TAG_PROCESS: "",
        layout.TAG_HEARTBEAT: str(now_ms() + ahead_ms),
        layout.TAG_HEARTBEAT_S: str(heartbeat_s),
    }
    for key, value in tags.items():
        MlflowClient(tracking_uri).set_tag(run_id, key, value)


@pytest.mark.parametrize("ahead_ms", [_HOUR_MS, -_HOUR_MS], ids=["ahead", "behind"])
def test_dead_run_and_claim_of_a_host_whose_clock_is_wrong_are_taken_over(
    ahead_ms: int, store: str, tmp_path: Path
) -> None:
    """Neither a heartbeat in the future nor one in the past keeps a name; the run goes on from its checkpoint."""
    toy = ToyRun(tmp_path, store, max_epochs=2, name=f"clock {ahead_ms}")
    ended(toy.start(at="1,2"))
    run_id = seem_elsewhere(toy, ahead_ms)
    client = MlflowClient(store)
    experiment_id = client.get_run(run_id).info.experiment_id
    claim = {layout.TAG_STATE: "pending", layout.TAG_RESUMES: run_id, layout.TAG_TOKEN: "another"}
    claimed = client.create_run(experiment_id, run_name=toy.name, tags=claim).info.run_id
    beat(store, claimed, ahead_ms)
    time.sleep(2.5)  # its creation is a sign of life, too
    toy.finish()

    assert [(run_id, "FINISHED")] == [(run.info.run_id, run.info.status) for run in toy.runs()]
    assert 2 * _STEPS_AN_EPOCH == toy.state()["global_step"]
    assert '"step":0,' not in (toy.run_dir / "tracking" / "journal.jsonl").read_text()


def test_live_run_of_a_host_whose_clock_is_ahead_is_left_alone(store: str, tmp_path: Path) -> None:
    """Its heartbeat goes on: the same name is refused, exit status 1."""
    toy = ToyRun(tmp_path, store, max_epochs=2, name="clock of a live one")
    ended(toy.start(at="1,2"))
    run_id = seem_elsewhere(toy, _HOUR_MS, _SLOW_HEARTBEAT_S)
    has_ended = threading.Event()

    def live() -> None:
        while not has_ended.wait(0.2):
            beat(store, run_id, _HOUR_MS, _SLOW_HEARTBEAT_S)

    living = threading.Thread(target=live)
    living.start()
    try:
        status = ended(toy.start())
    finally:
        has_ended.set()
        living.join()

    assert 1 == status
    assert f"run `{toy.name}` is alive on elsewhere" in toy.output()
    assert ["RUNNING"] == [run.info.status for run in toy.runs()]
