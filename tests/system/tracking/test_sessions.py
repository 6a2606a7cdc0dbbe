"""Opening, resuming and refusing runs on real stores."""

from __future__ import annotations

import fcntl
import itertools
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from serotiny.schemas.mlflow import MlflowConfig, OnDrift, OnExisting
from serotiny.tracking import (
    Finished,
    Refusal,
    RunRequest,
    RunSession,
    TrackingError,
    open_run,
)
from serotiny.tracking.lookup import Action, look_up
from serotiny.tracking.maintenance import list_runs, plan_clean
from serotiny.tracking.mlflow.contents import stored_contents
from serotiny.tracking.mlflow.sqlite.lock import open_lock
from serotiny.tracking.mlflow.store import open_store
from serotiny.tracking.mlflow.stored_run import StoredRun
from serotiny.tracking.outbox.sink import MAX_POINTS, Point
from serotiny.tracking.reservation.claim import Claimant, Owned
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.run_folder.owner_file import Occupant
from serotiny.tracking.session import AskedRun, DataSet, EndStatus

_numbers = itertools.count()
CONFIG = {"model": {"lr": 0.1}, "trainer": {"max_epochs": 3}}


@pytest.fixture(params=["http_sqlite", "plain_sqlite"])
def settings(request: pytest.FixtureRequest) -> MlflowConfig:
    uri: str = request.getfixturevalue(request.param)
    return MlflowConfig(tracking_uri=uri, experiment_name=f"sessions {next(_numbers)}", drain_s=60)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def request(
    root: Path, operation: str = "train", config: Any = CONFIG, name: str | None = "a run"
) -> RunRequest:
    return RunRequest(
        operation=operation,
        run_name=name,
        logged_config=config,
        identity=json.dumps(config),
        run_dir=root / f"job{next(_numbers)}",
        project_root=root,
    )


def asked(name: str | None, config: Any = CONFIG) -> AskedRun:
    return AskedRun(
        operation="train",
        run_name=name,
        logged_config=config,
        identity=json.dumps(config),
        project_root=Path.cwd(),
    )


def started(settings: MlflowConfig, request: RunRequest) -> RunSession:
    outcome = open_run(settings, request)
    assert not isinstance(outcome, Refusal | Finished), outcome
    return outcome


def test_the_data_set_of_a_run_is_an_input_once(settings: MlflowConfig, root: Path) -> None:
    """MLflow shows name and digest; a run that is gone on with has them once."""
    data_set = DataSet(name="manifest.csv", digest="d" * 32, source="file:///data/manifest.csv")
    for epochs in (3, 4):
        config = {**CONFIG, "trainer": {"max_epochs": epochs}}
        allowing = settings.model_copy(update={"on_drift": OnDrift.ALLOW})
        session = started(allowing, request(root, config=config))
        session.log_data_set(data_set)
        session.close("FAILED")

    inputs = open_store(settings, root).client.get_run(session.info.run_id).inputs
    assert inputs is not None
    (given,) = inputs.dataset_inputs
    assert ("manifest.csv", "d" * 32) == (given.dataset.name, given.dataset.digest)
    assert "file:///data/manifest.csv" in given.dataset.source


def write_checkpoint(
    session: RunSession,
    step: int,
    content: bytes = b"weights",
    name: str = "last.ckpt",
    monitor: str | None = None,
) -> Path:
    file = session.info.run_dir / "checkpoints" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    session.upload_checkpoint(file, epoch=step // 10, step=step, monitor=monitor)
    return file


def test_a_report_knows_whether_there_is_a_checkpoint(settings: MlflowConfig, root: Path) -> None:
    """Of a run that goes on, before it has arrived; later by the store; and in the next start, which has none of its own."""
    first = started(settings, request(root))
    before = first.contents("FINISHED").has_checkpoint
    write_checkpoint(first, 10)
    after = first.contents("FINISHED").has_checkpoint
    first.close("FAILED")

    uri = settings.tracking_uri or ""
    stored = stored_contents(StoredRun.open(uri, first.info.run_id), uri)
    second = started(settings, request(root))
    assert (False, True, True, True) == (
        before,
        after,
        stored.has_checkpoint,
        second.contents("FINISHED").has_checkpoint,
    )
    running = stored_contents(StoredRun.open(uri, first.info.run_id), uri)
    second.close("FINISHED")
    assert (False, False) == (stored.is_abandoned, running.is_abandoned)


def codes(outcome: object) -> list[str]:
    assert isinstance(outcome, Refusal)
    return [diagnostic.code for diagnostic in outcome.diagnostics]


def test_everything_logged_arrives(
    settings: MlflowConfig, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Metrics (NaN and infinities too), parameters of any length, tags, texts and checkpoints reach the store."""
    session = started(settings, request(root))
    values = {"loss": [1.0, 0.5, float("nan")], "peak": [float("inf"), 2.0, 3.0]}
    for step in range(3):
        session.log_metrics({key: column[step] for key, column in values.items()}, step)
    session.log_params({"lr": 0.1, "text": "x" * 7000, "odd[key]": None})
    session.set_tags({"team": "blue"})
    session.log_text("hello", "notes/hello.txt")
    write_checkpoint(session, 30)

    assert () == session.close("FINISHED").left

    run = StoredRun.open(str(settings.tracking_uri), session.info.run_id)
    data = run.client.get_run(session.info.run_id).data
    history = run.client.get_metric_history(session.info.run_id, "loss")
    assert ("FINISHED", "blue", "0.1") == (run.record.status, data.tags["team"], data.params["lr"])
    assert [(0, 1.0), (1, 0.5)] == sorted((m.step, m.value) for m in history)[:2]
    assert 3 == len(history)
    assert CONFIG == run.config()
    assert b"weights" == run.checkpoint("last", root / "fetched").read_bytes()
    whole = Path(run.client.download_artifacts(session.info.run_id, "params/whole-1.json", str(root)))
    assert {"text": "x" * 7000, "odd[key]": None} == json.loads(whole.read_text("utf-8"))
    printed = capfd.readouterr()
    assert ("", "") == (printed.out, printed.err)


def test_values_beyond_what_mlflow_gets_are_told(
    settings: MlflowConfig, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, with where they are; a config of as many as it gets is none of those."""
    session = started(settings, request(root))
    session.log_params({f"key{number}": number for number in range(2_000)})
    assert [] == caplog.messages
    session.log_params({f"key{number}": number for number in range(2_003)})
    session.close("FINISHED")

    run = StoredRun.open(str(settings.tracking_uri), session.info.run_id)
    whole = Path(run.client.download_artifacts(session.info.run_id, "params/whole-1.json", str(root)))
    assert {f"key{number}": number for number in range(2_000, 2_003)} == json.loads(whole.read_text("utf-8"))
    told = "MLflow gets 2,000 of the 2,003 values in this run's config; the others are in its artifact"
    assert [f"{told} `params/whole-1.json`"] == caplog.messages


def test_live_run_refuses_a_second_and_a_dead_one_is_resumed(settings: MlflowConfig, root: Path) -> None:
    """While a run lives its name is refused with its holder; after it failed the same call goes on with it."""
    first = started(settings, request(root))
    first.log_metrics({"loss": 1.0}, 0)
    first.log_params({"lr": 0.1})
    checkpoint = write_checkpoint(first, 10)

    assert ["SER405"] == codes(open_run(settings, request(root)))
    first.close("FAILED")

    second = started(settings, request(root))
    second.log_metrics({"loss": 1.0}, 0)
    second.log_metrics({"loss": 0.5}, 1)
    second.log_params({"lr": 0.2})
    assert (first.info.run_id, 2) == (second.info.run_id, second.info.generation)
    assert checkpoint == second.checkpoints()[0].file
    assert () == second.close("FINISHED").left

    run = StoredRun.open(str(settings.tracking_uri), first.info.run_id)
    history = run.client.get_metric_history(first.info.run_id, "loss")
    assert [(0, 1.0), (1, 0.5)] == sorted((m.step, m.value) for m in history)
    assert "0.1" == run.client.get_run(first.info.run_id).data.params["lr"]
    assert isinstance(open_run(settings, request(root)), Finished)


def test_points_that_a_killed_run_had_not_sent_are_sent_by_the_next(
    settings: MlflowConfig, root: Path
) -> None:
    """The journal of a process that died is read by the one that resumes the run."""
    first = started(settings, request(root))
    first.close("FAILED")
    with (first.info.run_dir / "tracking" / "journal.jsonl").open("a") as journal:
        journal.write('["metrics",{"step":7,"time_ms":1234,"values":{"late":0.5}}]\n')

    second = started(settings, request(root))
    second.close("FINISHED")

    history = StoredRun.open(str(settings.tracking_uri), first.info.run_id).client.get_metric_history(
        first.info.run_id, "late"
    )
    assert [(7, 0.5, 1234)] == [(m.step, m.value, m.timestamp) for m in history]


def test_drift_is_refused_and_allowed_differences_are_noted(settings: MlflowConfig, root: Path) -> None:
    """Another value refuses with the difference, unless allowed; more epochs go on with a finished run."""
    started(settings, request(root)).close("FINISHED")
    drifted = {**CONFIG, "model": {"lr": 0.2}}
    longer = {**CONFIG, "trainer": {"max_epochs": 5}}

    refusal = open_run(settings, request(root, config=drifted))
    resumed = started(settings, request(root, config=longer))
    resumed.close("FAILED")
    allowed = started(
        settings.model_copy(update={"on_drift": OnDrift.ALLOW}), request(root, config={**drifted, "new": 1})
    )
    allowed.close("FINISHED")

    assert ["SER406"] == codes(refusal)
    assert isinstance(refusal, Refusal)
    assert "model.lr: 0.1 → 0.2" in refusal.diagnostics[0].notes
    assert ("resumed with trainer.max_epochs: 3 → 5",) == resumed.info.notes
    assert "resumed with model.lr: 0.1 → 0.2" in allowed.info.notes


def test_on_existing_skips_or_refuses(settings: MlflowConfig, root: Path) -> None:
    """`skip` leaves a failed run alone, `error` refuses it, and a finished one with another code."""
    skip = settings.model_copy(update={"on_existing": OnExisting.SKIP})
    error = settings.model_copy(update={"on_existing": OnExisting.ERROR})
    started(settings, request(root)).close("FAILED")

    assert isinstance(open_run(skip, request(root)), Finished)
    assert ["SER403"] == codes(open_run(error, request(root)))
    started(settings, request(root)).close("FINISHED")
    assert ["SER404"] == codes(open_run(error, request(root)))


@pytest.mark.parametrize("operation", ["test", "predict"])
def test_other_operations_need_a_checkpoint_and_leave_the_status(
    settings: MlflowConfig, root: Path, operation: str
) -> None:
    """`test` and `predict` refuse what was never trained, and add to a trained run without changing its status."""
    assert ["SER407"] == codes(open_run(settings, request(root, operation)))
    failed = started(settings, request(root))
    failed.close("FAILED")
    artifacts = open_store(settings, root).artifacts(failed.info.run_id)
    stored = StoredRun.open(str(settings.tracking_uri), failed.info.run_id).client
    before = stored.get_run(failed.info.run_id).data.tags, artifacts.paths("")
    refused = request(root, operation)
    assert ["SER407"] == codes(open_run(settings, refused))
    assert [] == [file for file in refused.run_dir.rglob("*") if file.is_file()]
    assert before == (stored.get_run(failed.info.run_id).data.tags, artifacts.paths(""))
    trained = started(settings, request(root))
    write_checkpoint(trained, 10)
    trained.close("KILLED")

    session = started(settings, request(root, operation))
    session.log_metrics({f"{operation}_loss": 0.25}, 0)
    assert ["last.ckpt", "last.ckpt"] == [source.name for source in session.checkpoints()]
    session.close("FINISHED")

    run = StoredRun.open(str(settings.tracking_uri), failed.info.run_id)
    assert ("KILLED", 0.25) == (run.record.status, run.record.metrics[f"{operation}_loss"])


@pytest.mark.parametrize("word", ["last", "best", "best-val_loss"])
def test_a_word_for_a_checkpoint_makes_no_run(settings: MlflowConfig, root: Path, word: str) -> None:
    """A word names a checkpoint of some run, so without the run's name there is nothing to test; a file needs none."""
    asked = replace(request(root, "test", name=None), ckpt_path=word)

    assert ["SER407"] == codes(open_run(settings, asked))
    assert ["SER407"] == codes(open_run(settings, replace(asked, ckpt_path="weights.ckpt")))
    (root / "weights.ckpt").touch()
    started(settings, replace(asked, ckpt_path="weights.ckpt")).close("FINISHED")


def test_truncated_checkpoint_is_passed_over(settings: MlflowConfig, root: Path) -> None:
    """A stored checkpoint that does not fit its record is not handed out."""
    session = started(settings, request(root))
    write_checkpoint(session, 10)
    session.close("FAILED")
    run = StoredRun.open(str(settings.tracking_uri), session.info.run_id)
    (root / "last.ckpt").write_bytes(b"wei")
    run.client.log_artifact(session.info.run_id, str(root / "last.ckpt"), "checkpoints")
    (session.info.run_dir / "checkpoints" / "last.ckpt").unlink()

    resumed = started(settings, request(root))
    sources = resumed.checkpoints()
    fetched = [resumed.fetch(source, root / "fetched") for source in sources]
    resumed.close("FINISHED")

    assert [None] == fetched
    with pytest.raises(TrackingError, match="not whole"):
        run.checkpoint("last")


def test_checkpoint_that_the_store_has_and_does_not_give_is_an_error(plain_sqlite: str, root: Path) -> None:
    """Training would start over, and then replace it; one that was deleted is passed over."""
    settings = MlflowConfig(tracking_uri=plain_sqlite, experiment_name=f"sessions {next(_numbers)}")
    session = started(settings, request(root))
    write_checkpoint(session, 10).unlink()
    session.close("FAILED")
    (stored,) = Path(plain_sqlite.removeprefix("sqlite:///")).parent.rglob(
        f"{session.info.run_id}/artifacts/checkpoints/last.ckpt"
    )
    stored.unlink()
    stored.symlink_to(root / "a disk that is not mounted")

    resumed = started(settings, request(root))
    (source,) = resumed.checkpoints()
    with pytest.raises(TrackingError, match=r"checkpoints/last.ckpt in .* cannot be read: "):
        resumed.fetch(source, root / "fetched")
    stored.unlink()
    assert resumed.fetch(source, root / "fetched") is None
    resumed.close("KILLED")


def test_run_of_another_tool_is_refused_and_can_be_addressed(settings: MlflowConfig, root: Path) -> None:
    """A run that serotiny did not make holds its name; `run_id` goes on with it all the same."""
    started(settings, request(root, name="ours")).close("FINISHED")
    client = StoredRun.open(str(settings.tracking_uri), list_runs(settings, root)[0].run_id).client
    experiment = client.get_experiment_by_name(settings.experiment_name)
    assert experiment is not None
    runs = [client.create_run(experiment.experiment_id, run_name="a run").info.run_id for _ in range(2)]

    assert ["SER403"] == codes(open_run(settings, request(root)))
    client.set_terminated(runs[0], "FAILED")
    addressed = started(settings.model_copy(update={"run_id": runs[0]}), request(root))
    addressed.close("FINISHED")
    client.delete_run(runs[1])

    assert runs[0] == addressed.info.run_id
    assert isinstance(open_run(settings, request(root)), Finished)


def test_look_up_says_what_train_would_do(settings: MlflowConfig, root: Path) -> None:
    """Looking names up reports each one and writes nothing."""
    started(settings, request(root, name="failed")).close("FAILED")
    started(settings, request(root, name="finished")).close("FINISHED")
    alive = started(settings, request(root, name="alive"))
    before = list_runs(settings, root)

    reports = look_up(
        settings, list(map(asked, ["failed", "finished", "alive", "new", None, "no\nname"])), root
    )
    alive.close("FINISHED")

    assert [
        Action.RESUME,
        Action.CONTINUE_IF_LONGER,
        Action.REFUSE,
        Action.CREATE,
        Action.CREATE,
        Action.REFUSE,
    ] == [report.action for report in reports]
    assert [run.run_id for run in before] == [run.run_id for run in list_runs(settings, root)]
    assert Action.CREATE == look_up(MlflowConfig(experiment_name="never made"), [asked("x")], root)[0].action
    assert not (root / "mlflow.db").exists()


def test_look_up_of_a_run_that_is_addressed_agrees_with_train(settings: MlflowConfig, root: Path) -> None:
    """With `run_id` the run decides, whatever the name beside it: ours, a scheduler's, one that is gone."""
    started(settings, request(root, name="ours")).close("FAILED")
    ours = list_runs(settings, root)[0].run_id
    stored = StoredRun.open(str(settings.tracking_uri), ours)
    experiment = stored.client.get_experiment_by_name(settings.experiment_name)
    assert experiment is not None
    made, gone = (
        stored.client.create_run(experiment.experiment_id, run_name="scheduled").info.run_id for _ in range(2)
    )
    stored.client.delete_run(gone)

    def outlook(run_id: str) -> tuple[Action, str, str | None]:
        (report,) = look_up(settings.model_copy(update={"run_id": run_id}), [asked("another name")], root)
        return report.action, report.name, report.diagnostic.code if report.diagnostic else None

    assert [
        (Action.RESUME, "ours", None),
        (Action.RESUME, "scheduled", None),
        (Action.REFUSE, "", "SER407"),
        (Action.REFUSE, "", "SER407"),
    ] == [outlook(run_id) for run_id in (ours, made, gone, "0" * 32)]
    into = started(settings.model_copy(update={"run_id": made}), request(root, name="another name"))
    into.close("FINISHED")
    assert made == into.info.run_id
    for addressed, told in ((gone, "was deleted"), ("0" * 32, "there is no run")):
        where = settings.model_copy(update={"run_id": addressed})
        (report,) = look_up(where, [asked("another name")], root)
        outcome = open_run(where, request(root))
        assert isinstance(outcome, Refusal)
        assert (report.diagnostic,) == outcome.diagnostics
        assert told in outcome.diagnostics[0].message
        is_restored = "mlflow runs restore --run-id" in (outcome.diagnostics[0].help or "")
        assert (addressed == gone) == is_restored


@pytest.mark.parametrize("operation", ["test", "predict"])
def test_a_checkpoint_whose_file_is_gone_is_told_before_and_in_the_job(
    settings: MlflowConfig, root: Path, operation: str
) -> None:
    """A recorded checkpoint without its file is SER407 for the check and the job alike; a file beside it can be named."""
    trained = started(settings, request(root, name="trained"))
    write_checkpoint(trained, 10)
    trained.close("FINISHED")
    stored = StoredRun.open(str(settings.tracking_uri), trained.info.run_id)
    location = stored.client.get_run(trained.info.run_id).info.artifact_uri
    repository = get_artifact_repository(location, tracking_uri=stored.client.tracking_uri)
    repository.delete_artifacts("checkpoints/last.ckpt")  # type: ignore[no-untyped-call]  # MLflow has no type there
    (trained.info.run_dir / "checkpoints" / "last.ckpt").unlink()
    (root / "weights.pt").touch()

    told: list[tuple[object, object]] = []
    for word in (None, "last", "weights.pt"):
        asking = replace(request(root, operation, name="trained"), ckpt_path=word)
        (report,) = look_up(settings, [asking], root)
        outcome = open_run(settings, asking)
        told.append((report.diagnostic, outcome.diagnostics[0] if isinstance(outcome, Refusal) else None))
        if not isinstance(outcome, Refusal | Finished):
            outcome.close("FINISHED")

    assert [foretold for foretold, _ in told] == [become for _, become in told]
    gone = "the checkpoint `last.ckpt` of run `trained` is recorded, but its file is gone"
    assert [gone, gone, None] == [getattr(fault, "message", None) for fault, _ in told]


@pytest.mark.parametrize("operation", ["train", "test"])
def test_a_run_of_another_experiment_is_refused_before_and_in_the_job(
    settings: MlflowConfig, root: Path, operation: str
) -> None:
    """With the `run_id` of a run elsewhere, the check and the job say where it is; nothing is trained or attached."""
    trained = started(settings, request(root, name="ours"))
    write_checkpoint(trained, 10)
    trained.close("FINISHED")
    there = settings.model_copy(update={"run_id": trained.info.run_id, "experiment_name": "others"})
    message = (
        f"run `{trained.info.run_id}` is in the experiment `{settings.experiment_name}`, not in `others`"
    )
    for _ in range(2):  # the first job makes the other experiment
        (report,) = look_up(there, [replace(asked("ours"), operation=operation)], root)
        outcome = open_run(there, request(root, name="ours", operation=operation))
        assert isinstance(outcome, Refusal)
        assert [message] * 2 == [item.message for item in (report.diagnostic, *outcome.diagnostics) if item]


@pytest.mark.parametrize("operation", ["test", "predict"])
def test_look_up_says_what_an_evaluation_would_do(settings: MlflowConfig, root: Path, operation: str) -> None:
    """By name and by id, with each kind of `ckpt_path`, it is refused in the words of the job, or used."""
    trained = started(settings, request(root, name="trained"))
    write_checkpoint(trained, 10)
    write_checkpoint(trained, 10, name="best-a.ckpt", monitor="a")
    write_checkpoint(trained, 10, name="best-b.ckpt", monitor="b")
    write_checkpoint(trained, 10, name="best-b-2.ckpt", monitor="b")
    trained.close("FINISHED")
    started(settings, request(root, name="without")).close("FAILED")
    alive = started(settings, request(root, name="alive"))
    (root / "weights.pt").touch()
    by_id = settings.model_copy(update={"run_id": trained.info.run_id})
    unknown = settings.model_copy(update={"run_id": "0" * 32})
    words = (
        None,
        "last",
        "last.ckpt",
        "best",
        "best-a",
        "best-c",
        "lst",
        "weights.pt",
        "none.pt",
        "./a.ckpt",
    )
    calls = [
        (where, replace(request(root, operation, name=name), ckpt_path=word))
        for where, names in (
            (settings, ("trained", "without", "alive", "new", None)),
            (by_id, ("another",)),
            (unknown, ("trained",)),
        )
        for name in names
        for word in (words if name == "trained" else words[::-3])
    ]

    foretold: list[tuple[str | None, object]] = []
    become: list[tuple[str | None, object]] = []
    for where, asked in calls:
        (report,) = look_up(where, [asked], root)
        foretold.append((asked.ckpt_path, report.diagnostic))
        outcome = open_run(where, asked)
        become.append((asked.ckpt_path, outcome.diagnostics[0] if isinstance(outcome, Refusal) else None))
        if not isinstance(outcome, Refusal | Finished):
            outcome.close("FINISHED")
    alive.close("FINISHED")

    assert become == foretold
    of_the_trained = {word for word, fault in foretold[: len(words)] if fault is None}
    assert {None, "last", "last.ckpt", "best-a", "weights.pt", "./a.ckpt"} == of_the_trained


@pytest.mark.parametrize("status", ["FINISHED", "FAILED"])
def test_look_up_compares_configs_as_train_does(
    settings: MlflowConfig, root: Path, status: EndStatus
) -> None:
    """Another learning rate is refused in the words of `train`, by name and by id; more epochs are gone on with."""
    session = started(settings, request(root))
    session.close(status)
    other, longer = {**CONFIG, "model": {"lr": 0.2}}, {**CONFIG, "trainer": {"max_epochs": 4}}
    allowing = settings.model_copy(update={"on_drift": OnDrift.ALLOW})
    by_id = settings.model_copy(update={"run_id": session.info.run_id})

    refused, more = look_up(settings, [asked("a run", other), asked("a run", longer)], root)
    (addressed,) = look_up(by_id, [asked(None, other)], root)
    (allowed,) = look_up(allowing, [asked("a run", other)], root)
    trained = open_run(settings, request(root, config=other))

    assert ["SER406"] == codes(trained)
    assert isinstance(trained, Refusal)
    assert (trained.diagnostics[0],) * 2 == (refused.diagnostic, addressed.diagnostic)
    assert (Action.RESUME, Action.RESUME) == (more.action, allowed.action)


def test_look_up_in_a_deleted_experiment_fails_as_train_does(settings: MlflowConfig, root: Path) -> None:
    """An experiment in MLflow's trash keeps its name: both say how to get it back."""
    started(settings, request(root)).close("FINISHED")
    client = StoredRun.open(str(settings.tracking_uri), list_runs(settings, root)[0].run_id).client
    experiment = client.get_experiment_by_name(settings.experiment_name)
    assert experiment is not None
    client.delete_experiment(experiment.experiment_id)

    for ask in (lambda: look_up(settings, [asked("a run")], root), lambda: open_run(settings, request(root))):
        with pytest.raises(TrackingError, match=r"was deleted; restore it with"):
            ask()


def test_clean_clears_up_what_died_and_names_duplicates(settings: MlflowConfig, root: Path) -> None:
    """Abandoned claims are deleted, stale runs become FAILED, runs of one name are only reported."""
    session = started(settings, request(root))
    session.close("FINISHED")
    client = StoredRun.open(str(settings.tracking_uri), session.info.run_id).client
    experiment_id = session.info.experiment_id
    dead = {"serotiny.heartbeat": "1000", "serotiny.heartbeat_s": "1"}
    client.create_run(experiment_id, 1000, {**dead, "serotiny.state": "pending"}, "a claim")
    stale = client.create_run(experiment_id, 1000, {**dead, "serotiny.state": "owned"}, "a run").info.run_id
    stopped = client.create_run(experiment_id, 1000, {"serotiny.state": "owned"}, "a stopped run").info.run_id
    client.set_terminated(stopped, "KILLED")

    plan = plan_clean(settings, root)
    states = [(run.name, run.state) for run in list_runs(settings, root)]
    uri = str(settings.tracking_uri)
    assert stored_contents(StoredRun.open(uri, stale), uri).is_abandoned
    plan.apply()

    assert [
        ("a claim", "abandoned claim"),
        ("a run", "finished"),
        ("a run", "no sign of life"),
        ("a stopped run", "killed"),
    ] == sorted(states)
    assert (["a claim"], [stale], 1) == (
        [run.name for run in plan.abandoned_claims],
        [run.run_id for run in plan.stale_runs],
        len(plan.duplicates),
    )
    assert [("a run", "failed"), ("a run", "finished"), ("a stopped run", "killed")] == sorted(
        (run.name, run.state) for run in list_runs(settings, root)
    )


def test_run_without_mlflow_is_whole_in_its_folder(root: Path) -> None:
    """With `tracking_uri: null` metrics, parameters, config, texts and checkpoints lie below the run's folder."""
    session = started(MlflowConfig(tracking_uri=None), request(root))
    session.log_metrics({"loss": 0.5}, 3, 1234)
    session.log_params({"lr": 0.1})
    session.log_text("hello", "notes/hello.txt")
    write_checkpoint(session, 10)
    session.close("FINISHED")
    folder = session.info.run_dir

    assert {"step": 3, "timestamp_ms": 1234, "values": {"loss": 0.5}} == json.loads(
        (folder / "metrics.jsonl").read_text()
    )
    assert {"lr": 0.1} == json.loads((folder / "params.json").read_text())
    assert "FINISHED" == json.loads((folder / "run.json").read_text())["status"]
    assert ["checkpoints", "config", "notes"] == sorted(p.name for p in folder.iterdir() if p.is_dir())
    assert ["last.ckpt"] == [source.name for source in session.checkpoints()]


@pytest.mark.parametrize(
    "uri",
    [
        "http://user:S3CR3T@127.0.0.1:9",
        "postgresql+psycopg2://u:S3CR3T@127.0.0.1:9/db",
        "sqlite:////proc/x/y.db",
    ],
)
def test_store_that_is_not_there_is_a_clear_error_within_seconds(uri: str, root: Path) -> None:
    """An address where nobody listens is named without its password, with what to do."""
    with pytest.raises(TrackingError) as caught:
        open_run(MlflowConfig(tracking_uri=uri), request(root))

    assert "S3CR3T" not in str(caught.value)
    assert "cannot be" in str(caught.value)


def test_names_that_cannot_be_are_refused_before_anything_is_asked(root: Path) -> None:
    """Malformed names of run and experiment are both reported, even when the store is away."""
    settings = MlflowConfig(tracking_uri="http://127.0.0.1:9", experiment_name="../x")

    assert ["SER401", "SER401"] == codes(open_run(settings, request(root, name="a\x1b[2J")))


def test_moved_project_finds_its_runs_where_they_lie_now(root: Path) -> None:
    """Folder, checkpoint, config and artifacts of a sqlite store are found under the new path; the old one stays gone."""
    old, new = root / "old", root / "new"
    old.mkdir()
    settings = MlflowConfig(tracking_uri="sqlite:///mlflow.db", drain_s=60)
    first = started(settings, request(old))
    write_checkpoint(first, 10)
    first.close("FAILED")
    old.rename(new)

    tested = started(settings, request(new, "test"))
    tested.close("FINISHED")
    second = started(settings, request(new))
    sources = second.checkpoints()
    write_checkpoint(second, 20, b"newer")
    second.close("FINISHED")

    run = StoredRun.open(f"sqlite:///{new}/mlflow.db", first.info.run_id)
    assert [new / first.info.run_dir.name / "checkpoints" / "last.ckpt"] == [
        source.file for source in sources if source.file is not None
    ]
    assert (b"newer", CONFIG) == (run.checkpoint("last", root / "got").read_bytes(), run.config())
    assert not old.exists()


def test_what_an_earlier_start_had_not_sent_is_sent_first(settings: MlflowConfig, root: Path) -> None:
    """A process that died in its last drain leaves a run that is not finished; the next start sends, and says so."""
    first = started(settings.model_copy(update={"drain_s": 0.0}), request(root))
    first.close("FINISHED")
    journal = first.info.run_dir / "tracking"
    (journal / "sent.json").unlink(missing_ok=True)
    (first.info.run_dir / "last.ckpt").write_bytes(b"weights")
    about = {"epoch": 1, "step": 10, "monitor": None, "score": None}
    lines = [
        ["upload", {"file": "last.ckpt", "to": "checkpoints/last.ckpt", "checkpoint": about}],
        [
            "tags",
            {
                "values": {
                    "serotiny.trained": json.dumps({"epochs": 3, "steps": 10, "ended_by": "max_epochs"})
                }
            },
        ],
        ["end", {"status": "FINISHED", "time_ms": 1234}],
    ]
    (journal / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    (report,) = look_up(settings, [asked("a run")], root)
    outcome = open_run(settings, request(root))

    assert Action.CONTINUE_IF_LONGER == report.action
    assert "(FINISHED); first sends what an earlier start had not sent" in report.note
    assert isinstance(outcome, Finished)
    assert "sent what an earlier start had not sent" in outcome.reason
    run = StoredRun.open(str(settings.tracking_uri), first.info.run_id)
    assert ("FINISHED", b"weights") == (run.record.status, run.checkpoint("last", root / "got").read_bytes())


def test_run_killed_while_it_was_taken_over_keeps_its_earlier_folder(
    settings: MlflowConfig, root: Path
) -> None:
    """Between the new owner's tags and its journal the run still leads to the folder with the checkpoint."""
    first = started(settings, request(root))
    checkpoint = write_checkpoint(first, 10)
    first.close("FAILED")
    store = open_store(settings, root)
    run = store.registry.get(first.info.run_id)
    assert run is not None
    taken = Claimant(
        registry=store.registry, owner=Owner("a token", "elsewhere", 1, ""), heartbeat_s=0.001
    ).take_over(run, {})
    assert isinstance(taken, Owned)

    third = started(settings, request(root))

    assert checkpoint == third.checkpoints()[0].file
    third.close("FINISHED")


def test_run_killed_as_it_was_reserved_has_no_config_to_differ_from(
    settings: MlflowConfig, root: Path
) -> None:
    """Killed before anything of it was written, a run takes any config; with points and no config it takes its own."""
    store = open_store(settings, root)
    owner = Owner("a token", "elsewhere", 1, "")
    claimant = Claimant(registry=store.registry, owner=owner, heartbeat_s=0.001)
    reserved = claimant.reserve("a run", {"serotiny.identity": json.dumps(CONFIG)})
    assert isinstance(reserved, Owned)
    time.sleep(0.1)
    other = {**CONFIG, "trainer": {"max_epochs": 5}}

    begun = started(settings, request(root, config=other))
    begun.close("FAILED")
    reserved = claimant.reserve("another", {"serotiny.identity": json.dumps(CONFIG)})
    assert isinstance(reserved, Owned)
    store.client.log_metric(reserved.record.run_id, "loss", 1.0)
    time.sleep(0.1)

    assert 2 == begun.info.generation
    assert ["SER406"] == codes(open_run(settings, request(root, config=other, name="another")))


def test_run_of_another_tool_is_trained_into_whatever_its_status(settings: MlflowConfig, root: Path) -> None:
    """Addressed by its id, a RUNNING or FINISHED run that another tool made gets the training, and a note says so."""
    store = open_store(settings, root)
    for status in ("RUNNING", "FINISHED"):
        run = store.client.create_run(store.registry.experiment_id, run_name=f"made {status}")
        if status == "FINISHED":
            store.client.set_terminated(run.info.run_id)
        assert ["SER403"] == codes(open_run(settings, request(root, name=f"made {status}")))

        session = started(settings.model_copy(update={"run_id": run.info.run_id}), request(root))
        session.close("FINISHED")

        assert (run.info.run_id, True) == (session.info.run_id, "another tool" in session.info.notes[0])


def test_error_of_an_earlier_start_goes_when_the_run_finishes(settings: MlflowConfig, root: Path) -> None:
    """A finished run does not say why it once failed."""
    first = started(settings, request(root))
    first.set_tags({"serotiny.error": "ArithmeticError: here"})
    first.close("FAILED")
    started(settings, request(root)).close("FINISHED")

    tags = StoredRun.open(str(settings.tracking_uri), first.info.run_id).record.tags
    assert "serotiny.error" not in tags


def test_config_that_was_never_uploaded_is_read_from_the_folder(settings: MlflowConfig, root: Path) -> None:
    """Killed before its config was stored, a run is resumed with more epochs all the same, and drift is told."""
    first = started(settings.model_copy(update={"drain_s": 0.0}), request(root))
    first.close("FAILED")
    run = StoredRun.open(str(settings.tracking_uri), first.info.run_id)
    run.client.set_terminated(first.info.run_id, "FAILED")

    drifted = open_run(settings, request(root, config={**CONFIG, "model": {"lr": 0.2}}))
    longer = started(settings, request(root, config={**CONFIG, "trainer": {"max_epochs": 5}}))
    longer.close("FINISHED")

    assert ["SER406"] == codes(drifted)
    assert ("resumed with trainer.max_epochs: 3 → 5",) == longer.info.notes[-1:]


def test_repeated_tests_do_not_pile_up_points(settings: MlflowConfig, root: Path) -> None:
    """The same value at the same step is there once, however often a run is tested."""
    trained = started(settings, request(root))
    write_checkpoint(trained, 10)
    trained.close("FINISHED")
    for _ in range(2):
        session = started(settings, request(root, "test"))
        session.log_metrics({"test_loss": 0.25}, 10)
        session.close("FINISHED")

    client = StoredRun.open(str(settings.tracking_uri), trained.info.run_id).client
    assert [0.25] == [point.value for point in client.get_metric_history(trained.info.run_id, "test_loss")]


@pytest.mark.parametrize("count", [5, 2600])
def test_history_from_a_step_on_has_every_point_from_there(
    settings: MlflowConfig, root: Path, count: int
) -> None:
    """Also where the server would give a sample of them; NaN and infinities are among them as they were logged."""
    session = started(settings, request(root))
    sink = open_store(settings, root).sink(session.info.run_id)
    odd = [math.nan, math.inf, -math.inf]
    logged = [Point("loss", odd[step] if step < len(odd) else step / 7, step, step) for step in range(count)]
    for start in range(0, count, MAX_POINTS):
        sink.log_points(logged[start : start + MAX_POINTS])

    found = {step: sink.history("loss", step) for step in (0, 2)}
    whole = {p.step: p.value for p in sink.history("loss")}
    sink.close()
    session.close("FINISHED")

    for since, points in found.items():
        assert list(range(since, count)) == sorted({p.step for p in points if p.step >= since})
    assert math.isnan(whole[0])
    assert {step: whole[step] for step in range(2, count)} == {
        p.step: p.value for p in found[2] if p.step > 1
    }


def test_wrong_sqlite_address_makes_no_database(root: Path) -> None:
    """Reading a run back from a database that is not there is an error that names the file."""
    with pytest.raises(TrackingError, match=r"there is no database .*nowhere\.db"):
        StoredRun.open("sqlite:///nowhere.db", "0" * 32, root)
    assert [] == list(root.iterdir())


def test_store_is_opened_with_mlflow_imported_before_its_lock(root: Path) -> None:
    """Importing it takes seconds, in which no other process could open the database."""
    script = (
        "import sys, threading, time\n"
        "from pathlib import Path\n"
        "from serotiny.schemas.mlflow import MlflowConfig\n"
        "from serotiny.tracking.mlflow.store import open_store\n"
        "def watch():\n"
        "    while 'mlflow.store.tracking.sqlalchemy_store' not in sys.modules:\n"
        "        time.sleep(0.01)\n"
        "    print('imported', flush=True)\n"
        "threading.Thread(target=watch, daemon=True).start()\n"
        "open_store(MlflowConfig(), Path.cwd())\n"
        "print('opened', flush=True)\n"
    )
    with open_lock(root / "mlflow.db") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        is_made = (root / "mlflow.db").exists()
    rest, _ = process.communicate(timeout=120)

    assert ("imported\n", False, "opened\n") == (first, is_made, rest)


def test_run_that_was_deleted_ends_the_drain_with_one_line(settings: MlflowConfig, root: Path) -> None:
    """Closing waits for nothing that cannot come, and says where the rest is."""
    session = started(settings, request(root))
    StoredRun.open(str(settings.tracking_uri), session.info.run_id).client.delete_run(session.info.run_id)
    session.log_metrics({"loss": 1.0}, 0)

    (line,) = session.close("FINISHED").left

    assert f"the run {session.info.run_id} was deleted" in line
    assert str(session.info.run_dir) in line


def test_system_metrics_are_recorded_when_mlflows_variable_asks_for_them(
    plain_sqlite: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By MLflow's names, at its interval; a resumed run goes on behind; without the variable there are none."""
    settings = MlflowConfig(tracking_uri=plain_sqlite, experiment_name=f"system {next(_numbers)}")
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.05")
    name = "system/cpu_utilization_percentage"

    def steps_after(wanted: str) -> list[int]:
        monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", wanted)
        session = started(settings, request(root))
        journal = session.info.run_dir / "tracking" / "journal.jsonl"
        if wanted == "true":
            _until(lambda: journal.read_text().count(name) >= 2)
        session.close("FAILED")
        client = StoredRun.open(plain_sqlite, session.info.run_id).client
        return [point.step for point in client.get_metric_history(session.info.run_id, name)]

    none, first, second = steps_after("false"), steps_after("true"), steps_after("true")

    assert [] == none
    assert len(first) >= 2
    assert (first, sorted(second)) == (second[: len(first)], second)


def _until(has_come: Callable[[], bool]) -> None:
    while not has_come():
        time.sleep(0.05)


def test_folder_of_a_run_that_finished_elsewhere_is_free(settings: MlflowConfig, root: Path) -> None:
    """Also one that was claimed by a start which died before its journal, once the run is called there again."""
    first, second, third = (request(root) for _ in range(3))
    started(settings, first).close("FAILED")
    died = RunFolder.claim(second.run_dir, Occupant.of(settings, second), has_begun=True)
    assert isinstance(died, RunFolder)
    (run,) = list_runs(settings, root)
    died.hold(run.run_id, run.name)
    died.end("KILLED")
    started(settings, third).close("FINISHED")
    again = open_run(settings, second)
    assert isinstance(again, Finished)

    for folder in (first.run_dir, second.run_dir):
        other = replace(request(root, name=f"in {folder.name}"), run_dir=folder)
        started(settings, other).close("FINISHED")
