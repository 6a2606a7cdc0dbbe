"""A server that goes away in the middle costs a run nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import Finished, Refusal, RunRequest, RunSession, TrackingError, open_run
from serotiny.tracking.maintenance import sync
from serotiny.tracking.mlflow.stored_run import StoredRun

from .lying_proxy import Answer, gone, lying_proxy, truth
from .servers import MlflowServer

STEPS = 100


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """A server that each test leaves running."""
    folder = tmp_path_factory.mktemp("server")
    server = MlflowServer(folder, f"sqlite:///{folder}/mlflow.db")
    server.start()
    yield server
    server.kill()


def session_on(uri: str, root: Path, drain_s: float) -> RunSession:
    settings = MlflowConfig(tracking_uri=uri, experiment_name=root.name, drain_s=drain_s)
    outcome = open_run(
        settings,
        RunRequest(
            operation="train",
            run_name="a run",
            logged_config={},
            identity="identity",
            run_dir=root / "job",
            project_root=root,
        ),
    )
    assert not isinstance(outcome, Refusal | Finished)
    return outcome


def log_steps(session: RunSession, steps: range) -> None:
    for step in steps:
        session.log_metrics({"loss": 1.0 / (step + 1), "accuracy": float(step)}, step)


def stored_steps(server: MlflowServer, run_id: str, key: str) -> list[int]:
    client = StoredRun.open(server.uri, run_id).client
    return sorted(point.step for point in client.get_metric_history(run_id, key))


@pytest.mark.timeout(240)
def test_server_that_comes_back_gets_every_point_once(
    server: MlflowServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle and back a while later: the end finds every point there once.

    Nothing on the way draws from Python's own random generator, on which what is trained depends.
    """
    session = session_on(server.uri, tmp_path, drain_s=60)
    log_steps(session, range(STEPS // 2))
    server.kill()
    drawn = random.getstate()
    log_steps(session, range(STEPS // 2, STEPS))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    with pytest.raises(TrackingError):  # by MLflow's own client, which asks several times
        StoredRun.open(server.uri, session.info.run_id)
    server.start()

    report = session.close("FINISHED")

    assert () == report.left
    assert drawn == random.getstate()
    assert [list(range(STEPS))] * 2 == [
        stored_steps(server, session.info.run_id, k) for k in ("loss", "accuracy")
    ]


def test_no_call_waits_for_an_answer(server: MlflowServer, tmp_path: Path) -> None:
    """A server that takes requests and says nothing holds up the end of a run alone: the test itself lets it answer."""
    is_silent, may_answer = threading.Event(), threading.Event()

    def late(ask: Callable[[], Answer]) -> Answer:
        if is_silent.is_set():
            may_answer.wait()
        return ask()

    with lying_proxy(server.uri, [late]) as uri:
        session = session_on(uri, tmp_path, drain_s=60)
        is_silent.set()
        log_steps(session, range(STEPS))
        session.log_params({"lr": 0.1})
        session.set_tags({"team": "blue"})
        session.log_text("hello", "notes/hello.txt")
        (tmp_path / "job" / "last.ckpt").write_bytes(b"weights")
        session.upload_checkpoint(tmp_path / "job" / "last.ckpt", step=STEPS)
        may_answer.set()
        report = session.close("FINISHED")

    assert () == report.left
    assert list(range(STEPS)) == stored_steps(server, session.info.run_id, "loss")


@pytest.mark.timeout(240)
def test_server_that_never_comes_back_leaves_a_journal_for_later(
    server: MlflowServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is reached all the same and says how to send the rest; `sync` then sends each point once.

    Also through a server that is away for every other few of its requests.
    """
    session = session_on(server.uri, tmp_path, drain_s=2)
    (tmp_path / "job" / "checkpoints").mkdir()
    checkpoint = tmp_path / "job" / "checkpoints" / "last.ckpt"
    checkpoint.write_bytes(b"weights")
    log_steps(session, range(STEPS // 2))
    server.kill()
    log_steps(session, range(STEPS // 2, STEPS))
    session.upload_checkpoint(checkpoint, step=STEPS)

    report = session.close("FINISHED")

    assert f"serotiny runs sync {tmp_path / 'job'}" in report.left[0]
    server.start()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # by MLflow's client: ours repeats them
    with lying_proxy(server.uri, [truth] * 3 + [gone] * 3) as uri:
        assert [] == sync(tmp_path / "job", uri)
    assert [] == sync(tmp_path / "job", server.uri)
    run = StoredRun.open(server.uri, session.info.run_id)
    assert ("FINISHED", b"weights") == (
        run.record.status,
        run.checkpoint("last", tmp_path / "got").read_bytes(),
    )
    assert [list(range(STEPS))] * 2 == [
        stored_steps(server, session.info.run_id, k) for k in ("loss", "accuracy")
    ]
