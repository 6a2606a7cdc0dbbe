"""A killed run whose folder, journal or tags somebody else has changed, when the same call goes on with it."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import Finished, Refusal, RunRequest, RunSession, open_run
from serotiny.tracking.lookup import look_up
from serotiny.tracking.maintenance import list_runs
from serotiny.tracking.outbox.errors import UnreadableJournalError
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.run_folder.owner_file import owner_of, write_owner

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

_numbers = itertools.count()
CONFIG = {"model": {"lr": 0.1}, "trainer": {"max_epochs": 3}}
DEEP = "[" * 3_000
HUGE = "9" * 400
HERE = Owner.this_process().process.rpartition("|")[0]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('tampered')}/mlflow.db"


@pytest.fixture
def settings(uri: str) -> MlflowConfig:
    return MlflowConfig(tracking_uri=uri, experiment_name=f"tampered {next(_numbers)}", drain_s=30)


def asking(root: Path) -> RunRequest:
    return RunRequest(
        operation="train",
        run_name="a run",
        logged_config=CONFIG,
        identity=json.dumps(CONFIG),
        run_dir=root / f"job{next(_numbers)}",
        project_root=root,
    )


@pytest.fixture
def killed(settings: MlflowConfig, tmp_path: Path) -> RunSession:
    """A run with a checkpoint that has ended; its folder and its tags can be changed."""
    session = open_run(settings, asking(tmp_path))
    assert not isinstance(session, Refusal | Finished), session
    session.log_metrics({"loss": 1.0}, 0)
    file = session.info.run_dir / "checkpoints" / "last.ckpt"
    file.parent.mkdir()
    file.write_bytes(b"weights")
    session.upload_checkpoint(file, epoch=1, step=10)
    session.close("FAILED")
    return session


def gone_on_with(settings: MlflowConfig, root: Path) -> RunSession:
    """The run as the same call goes on with it; `check --runs` and `runs list` read it, too."""
    asked = replace(asking(root), identity="another")
    assert "a run" == look_up(settings, [asked], root)[0].name
    assert ["a run"] == [run.name for run in list_runs(settings, root)]
    session = open_run(settings, asking(root))
    assert not isinstance(session, Refusal | Finished), session
    return session


@pytest.mark.parametrize(
    "tags",
    [
        {
            "checkpoint.last": DEEP,
            "checkpoint.a": '{"path": 5, "size_bytes": 1, "sha256": ""}',
            "checkpoint.b": '{"path": "../../x.ckpt", "size_bytes": 1, "sha256": ""}',
            "checkpoint.c": '{"path": "a.ckpt", "size_bytes": 1, "sha256": "", "step": "a"}',
            "trained": DEEP,
        },
        {"trained": '{"epochs": "a", "steps": [], "ended_by": {}}', "generation": HUGE, "heartbeat": "nan"},
        {"generation": "1000000000000", "heartbeat_s": "1e400", "process": f"{HERE}|{HUGE}@1"},
        {"process": f"{HERE}|x@", "run_dir": "a/" * 3_900, "state": "\x1b[2J"},
        {"run_dir": "/dev/stdin"},
    ],
    ids=list,
)
def test_tags_of_another_form_keep_no_run_from_going_on(
    settings: MlflowConfig, killed: RunSession, tmp_path: Path, tags: dict[str, str]
) -> None:
    """What cannot be read in them counts as missing."""
    for tag, value in tags.items():
        MlflowClient(settings.tracking_uri).set_tag(killed.info.run_id, f"serotiny.{tag}", value)

    session = gone_on_with(settings, tmp_path)
    session.checkpoints()
    session.close("FINISHED")

    assert killed.info.run_id == session.info.run_id


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runs SET start_time = 'a', end_time = x'ff'",
        "UPDATE tags SET value = x'ff' WHERE key LIKE 'serotiny.h%' OR key LIKE 'serotiny.g%'",
        "UPDATE latest_metrics SET value = 'a', step = 'b'",
        "UPDATE metrics SET value = x'ff', step = 'b', timestamp = 'c'",
    ],
)
def test_values_of_other_types_in_a_store_keep_no_run_from_going_on(
    settings: MlflowConfig, killed: RunSession, tmp_path: Path, change: str
) -> None:
    """A column of SQLite holds what is put there: what is no number or text counts as missing."""
    store = sqlite3.connect(str(settings.tracking_uri).removeprefix("sqlite:///"))
    with store:
        store.execute(change)
    store.close()

    session = gone_on_with(settings, tmp_path)
    session.close("FINISHED")

    assert killed.info.run_id == session.info.run_id


UPLOAD = {"file": "checkpoints/last.ckpt", "to": "checkpoints/last.ckpt"}


@pytest.mark.parametrize(
    "line",
    [
        ["metrics", {"step": 0.5, "time_ms": 1, "values": {"a": 1.0}}],
        ["metrics", {"step": 0, "time_ms": 10**30, "values": {"a": 1.0}}],
        ["metrics", {"step": 0, "time_ms": 1, "values": {"a": 10**400}}],
        ["metrics", {"step": 0, "time_ms": 1, "values": {"a": True}}],
        ["upload", {**UPLOAD, "checkpoint": {"evil": 1}}],
        ["upload", {**UPLOAD, "checkpoint": [1]}],
        ["upload", {**UPLOAD, "checkpoint": {"step": "a"}}],
        ["upload", {**UPLOAD, "checkpoint": {}, "of": 5}],
        ["upload", {**UPLOAD, "to": "../../x"}],
        ["end", {"status": "FINISHED", "time_ms": 10**30}],
    ],
    ids=str,
)
def test_an_entry_of_another_form_is_damage(tmp_path: Path, line: list[Any]) -> None:
    """It is told with its place, and is neither sent nor used."""
    journal = Journal(tmp_path)
    journal.file.write_text(json.dumps(line) + "\n")

    with pytest.raises(UnreadableJournalError, match="is damaged at byte 0"):
        list(journal.entries(0))


@pytest.mark.parametrize("sent", ['{"offset": 1.5}', DEEP])
def test_a_note_of_what_was_sent_of_another_form_counts_as_none(
    settings: MlflowConfig, killed: RunSession, tmp_path: Path, sent: str
) -> None:
    """Everything is sent once more, which changes nothing."""
    (killed.info.run_dir / "tracking" / "sent.json").write_text(sent)

    session = gone_on_with(settings, tmp_path)
    session.close("FINISHED")

    points = MlflowClient(settings.tracking_uri).get_metric_history(killed.info.run_id, "loss")
    assert [1.0] == [point.value for point in points]


def _link_text(folder: Path, secret: Path) -> None:
    file = folder / "tracking" / "texts" / "source" / "uncommitted.diff"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.symlink_to(secret)


def _link_picture(folder: Path, secret: Path) -> None:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").symlink_to(secret)


def _link_checkpoint(folder: Path, secret: Path) -> None:
    (folder / "checkpoints" / "last.ckpt").unlink()
    (folder / "checkpoints" / "last.ckpt").symlink_to(secret)


def _name_checkpoint(folder: Path, secret: Path) -> None:
    entry = ["upload", {**UPLOAD, "checkpoint": {"step": 10**6}, "of": str(secret)}]
    with (folder / "tracking" / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps(entry) + "\n")


@pytest.mark.parametrize("plant", [_link_text, _link_picture, _link_checkpoint, _name_checkpoint])
def test_nothing_outside_of_the_folder_is_read_into_the_run(
    settings: MlflowConfig, killed: RunSession, tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    """Neither its page nor its checkpoints hold what a link or a journal names elsewhere."""
    secret = tmp_path / "key"
    secret.write_text("not for the store")
    plant(killed.info.run_dir, secret)

    session = gone_on_with(settings, tmp_path)
    shown = session.contents("FINISHED")
    found = [source.file for source in session.checkpoints() if source.file is not None]
    session.close("FINISHED")

    assert "not for the store" not in "".join(shown.texts.values())
    assert b"not for the store" not in shown.pictures.values()
    assert [] == [file for file in found if file.read_bytes() == secret.read_bytes()]


@pytest.mark.parametrize("process", [f"{HERE}|{HUGE}@1", f"{HERE}|x@1"])
def test_an_owner_of_another_form_is_nobody(
    settings: MlflowConfig, killed: RunSession, tmp_path: Path, process: str
) -> None:
    """A folder whose owner cannot be a process of this machine is claimed."""
    folder = killed.info.run_dir
    owner = owner_of(folder)
    assert owner is not None
    write_owner(folder, replace(owner, process=process))

    outcome = open_run(settings, replace(asking(tmp_path), run_dir=folder))

    assert not isinstance(outcome, Refusal | Finished)
    outcome.close("FINISHED")


def test_a_header_that_names_folders_without_end_is_read(
    settings: MlflowConfig, killed: RunSession, tmp_path: Path
) -> None:
    """Of the folders of earlier starts a hundred are looked for."""
    file = killed.info.run_dir / "tracking" / "run.json"
    header = json.loads(file.read_text())
    file.write_text(json.dumps({**header, "adopted": [f"{number}/x/y/z" for number in range(50_000)]}))

    session = gone_on_with(settings, tmp_path)
    session.close("FINISHED")

    assert killed.info.run_id == session.info.run_id
