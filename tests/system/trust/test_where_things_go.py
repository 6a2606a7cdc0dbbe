"""Which files are written, read and sent, whatever a plan's name, a journal or a store says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from mlflow import MlflowClient

from serotiny.cli.main import main
from serotiny.ml_ops.mlflow_utils import load_config, load_model_from_checkpoint
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal
from tests.fakes.hostile_configs import with_parts, write_study

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")


@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder"])
def test_a_plan_replaces_plain_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What lies where `compile -o` should write is left as it is, unless it is a file."""
    config = write_study(tmp_path)
    config.write_text(with_parts("", tmp_path))
    monkeypatch.chdir(tmp_path)
    output = tmp_path / "plan.yaml"
    (tmp_path / "precious").write_text("precious")
    if kind == "link":
        output.symlink_to(tmp_path / "precious")
    elif kind == "pipe":
        os.mkfifo(output)
    elif kind == "folder":
        output.mkdir()
    else:
        output = Path("/dev/null")
    before = output.lstat()

    assert 2 == main(["compile", "train", "-o", str(output)])
    assert (before, "precious") == (output.lstat(), (tmp_path / "precious").read_text())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    MlflowClient(uri).search_experiments()
    return uri


def _run_at(store: str, location: str) -> str:
    """The id of a new run whose artifacts lie at a location."""
    client = MlflowClient(store)
    tags = {
        "serotiny.state": "owned",
        "serotiny.layout": "1",
        "serotiny.operation": "train",
        "serotiny.token": "t",
    }
    return str(client.create_run(client.create_experiment(location, location), tags=tags).info.run_id)


@pytest.mark.parametrize("location", ["file:///etc", "file:///%65tc/serotiny", "/etc", "~/.ssh"])
def test_a_store_does_not_name_folders_of_the_system_and_hidden_ones(store: str, location: str) -> None:
    """The artifacts of a run are not looked for there, though the store says so."""
    run = _run_at(store, location.replace("~", str(Path.home())))

    for load in (load_config, load_model_from_checkpoint):
        with pytest.raises(TrackingError, match=r"the artifacts of run .* cannot be used"):
            load(store, run)


def test_a_journal_sends_what_lies_in_its_runs_folder(store: str, tmp_path: Path) -> None:
    """Neither another file by its path or by a link, nor anything to the store that only the journal names."""
    artifacts = tmp_path / "mlartifacts"
    artifacts.mkdir()
    run = _run_at(store, artifacts.as_uri())
    (tmp_path / "secret.txt").write_text("of this machine")
    folder = tmp_path / "run"
    journal = Journal.new(folder)
    journal.create(
        JournalHeader(
            tracking_uri="http://127.0.0.1:1", experiment_id="1", run_id=run, run_name="stored", token="t"
        )
    )
    journal.close()
    (folder / "own.txt").write_text("of the run")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    files = ["own.txt", "link.txt", "../secret.txt", str(tmp_path / "secret.txt"), "/etc/hostname"]
    uploads = [["upload", {"file": file, "to": f"sent/{number}.txt"}] for number, file in enumerate(files)]
    journal.file.write_text("".join(json.dumps(line) + "\n" for line in uploads))

    main(["runs", "sync", str(folder), "--tracking-uri", store])

    sent = [item.path for item in MlflowClient(store).list_artifacts(run, "sent")]
    assert ["sent/0.txt"] == sent
    assert ["of the run"] == [file.read_text() for file in artifacts.rglob("sent/*")]


def test_a_journal_does_not_name_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was written for another store than the config's is sent there only if the user says so."""
    config = write_study(tmp_path)
    config.write_text(with_parts("", tmp_path))
    monkeypatch.chdir(tmp_path)
    journal = Journal.new(tmp_path / "run")
    journal.create(
        JournalHeader(
            tracking_uri="http://evil.example", experiment_id="1", run_id="a", run_name="r1", token="t"
        )
    )
    journal.close()

    assert 2 == main(["runs", "sync", "run"])
    assert "give it with `--tracking-uri`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tracking", "key"),
    [
        ("mlflow: {tracking_uri: '%s'}", "mlflow.tracking_uri"),
        (
            "trainer: {_target_: pytorch_lightning.Trainer, logger: "
            "{_target_: pytorch_lightning.loggers.MLFlowLogger, tracking_uri: '%s'}}",
            "trainer.logger.tracking_uri",
        ),
    ],
    ids=["the tracking store", "the store of a logger"],
)
def test_a_host_that_only_the_job_knows_is_refused_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tracking: str,
    key: str,
) -> None:
    """Nothing of it can be judged before."""
    config = write_study(tmp_path)
    config.write_text(
        with_parts(f"{tracking % 'http://other.example.org${hydra:runtime.output_dir}'}\n", tmp_path)
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "token")

    assert 0 == main(["check", "config", "train"])
    assert 2 == main(["train"])
    assert f"`{key}` names a host that is not in `trusted_hosts`" in capsys.readouterr().err
