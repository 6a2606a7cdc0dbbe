"""A run that was killed, and then changed by somebody else before the same command goes on with it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mlflow import MlflowClient

from tests.fakes.toy_jobs.bits import differences
from tests.fakes.toy_jobs.evil import Touches
from tests.fakes.warm_processes import ended

from .conftest import ToyRun

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

Plant = Callable[[ToyRun, Path], None]


@pytest.fixture(scope="module")
def whole(store: str, tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    """An uninterrupted run."""
    toy = ToyRun(tmp_path_factory.mktemp("untouched"), store, name="untouched")
    toy.finish()
    return toy


@pytest.fixture
def killed(store: str, tmp_path: Path) -> ToyRun:
    """A run that is RUNNING in the store, and of which no process is left."""
    toy = ToyRun(tmp_path, store, name=tmp_path.name)
    assert -signal.SIGKILL == ended(toy.start(at="2,2"))
    assert ["RUNNING"] == [run.info.status for run in toy.runs()]
    return toy


def _pickle_in_the_checkpoint(toy: ToyRun, canary: Path) -> None:
    file = toy.run_dir / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(file, weights_only=False)
    torch.save({**checkpoint, "hyper_parameters": Touches(str(canary))}, file)


def _pickle_as_the_checkpoint(toy: ToyRun, canary: Path) -> None:
    torch.save(Touches(str(canary)), toy.run_dir / "checkpoints" / "last.ckpt")


def _half_a_checkpoint(toy: ToyRun, canary: Path) -> None:
    file = toy.run_dir / "checkpoints" / "last.ckpt"
    file.write_bytes(file.read_bytes()[:-200])


def _plan(toy: ToyRun, canary: Path) -> None:
    evil = {"_target_": "os.system", "command": f"touch {canary}"}
    for file in (toy.run_dir / "tracking" / "texts" / "config").iterdir():
        file.write_text(json.dumps({"format": 1, "logged_config": {"model": evil}, "model": evil}))


def _journal(toy: ToyRun, canary: Path) -> None:
    upload = {
        "file": "../../../../etc/passwd",
        "to": "checkpoints/last.ckpt",
        "checkpoint": {},
        "of": "/etc/passwd",
    }
    with (toy.run_dir / "tracking" / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps(["upload", upload]) + "\n")


def _header_of_the_journal(toy: ToyRun, canary: Path) -> None:
    file = toy.run_dir / "tracking" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "run_id": "0" * 32, "adopted": ["/etc"]}))


def _owner(toy: ToyRun, canary: Path) -> None:
    file = toy.run_dir / ".owner.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "pid": 1, "host": ["x"]}))


def _tags(toy: ToyRun, canary: Path) -> None:
    for name, value in {
        "heartbeat": str(int((time.time() + 10**9) * 1000)),
        "run_dir": "/etc",
        "checkpoint.last": json.dumps({"path": "../../../x.ckpt", "size_bytes": 1, "sha256": "0"}),
    }.items():
        MlflowClient(toy.tracking_uri).set_tag(toy.runs()[0].info.run_id, f"serotiny.{name}", value)


PICKLES = [_pickle_in_the_checkpoint, _pickle_as_the_checkpoint]


@pytest.mark.parametrize(
    "plant", [*PICKLES, _half_a_checkpoint, _journal, _header_of_the_journal, _owner, _tags]
)
def test_a_killed_run_that_was_changed_goes_on_from_what_is_its_own(
    killed: ToyRun, whole: ToyRun, tmp_path: Path, plant: Plant
) -> None:
    """Nothing that was put there is called or sent; what cannot be used is passed over, and the bits are the same."""
    canary = tmp_path / "canary"
    plant(killed, canary)

    status = ended(killed.start())

    assert 0 == status, killed.output()
    assert ["FINISHED"] == [run.info.status for run in killed.runs()]
    assert [] == differences(whole.state(), killed.state())
    assert (plant in PICKLES) == ("objects that are not plain data" in killed.output())
    assert "root:" not in "".join(file.read_text("latin-1") for file in killed.folder.rglob("*.ckpt"))
    assert not canary.exists()


def test_a_killed_run_whose_config_was_changed_is_refused(killed: ToyRun, tmp_path: Path) -> None:
    """The plan and config in the run's folder are compared with those of the call, and are not what runs."""
    canary = tmp_path / "canary"
    _plan(killed, canary)

    assert 1 == ended(killed.start())
    assert "was started with another config" in killed.output()
    assert not canary.exists()
