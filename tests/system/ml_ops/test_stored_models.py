from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import torch
from mlflow import MlflowClient

from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.mlflow_utils import LoadError, load_config, load_datamodule, load_model_from_checkpoint
from serotiny.ml_ops.stored_targets import StoredTargetError
from serotiny.tracking import TrackingError
from tests.fakes.toy_jobs.bits import differences
from tests.fakes.warm_processes import ended
from tests.system.tracking.servers import MlflowServer

from .conftest import ToyRun

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

TRUSTED = ["toy_job"]


@pytest.fixture(scope="module")
def toy(server: MlflowServer, tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    """A run on a server that was trained, killed and resumed."""
    toy = ToyRun(tmp_path_factory.mktemp("toy"), server.uri, extra={"test": True})
    toy.start(at="1,3").join(timeout=240)
    toy.finish()
    return toy


@pytest.fixture(scope="module")
def run_id(toy: ToyRun) -> str:
    return str(toy.runs()[0].info.run_id)


def test_loaded_model_has_the_checkpoints_weights(toy: ToyRun, run_id: str) -> None:
    """Over HTTP, from the logged config and the stored checkpoint; the model is in evaluation mode."""
    model = load_model_from_checkpoint(toy.tracking_uri, run_id, trusted=TRUSTED)

    assert [] == differences(dict(toy.state()["state_dict"]), dict(model.state_dict()))
    assert not model.training


def test_best_and_local_checkpoints_can_be_chosen(toy: ToyRun, run_id: str) -> None:
    """`best` is the monitored metric's; a path is a local file."""
    best = load_model_from_checkpoint(toy.tracking_uri, run_id, "best", trusted=TRUSTED)
    file = toy.run_dir / "checkpoints" / "last.ckpt"
    local = load_model_from_checkpoint(toy.tracking_uri, run_id, file, trusted=TRUSTED)

    (kept,) = (path for path in file.parent.glob("best-val_loss.ckpt"))
    assert [] == differences(dict(read_checkpoint(kept)["state_dict"]), dict(best.state_dict()))
    assert [] == differences(dict(read_checkpoint(file)["state_dict"]), dict(local.state_dict()))


def test_overrides_change_arguments(toy: ToyRun, run_id: str) -> None:
    """An argument of the model may be set otherwise."""
    model = load_model_from_checkpoint(toy.tracking_uri, run_id, trusted=TRUSTED, scheduler="plateau")

    assert "plateau" == model.hparams.scheduler


def test_datamodule_and_config_come_back(toy: ToyRun, run_id: str) -> None:
    """The data module is made anew from the logged config."""
    assert toy.plan().logged_config == load_config(toy.tracking_uri, run_id)
    assert toy.plan().logged_config == load_config(toy.tracking_uri, toy.name)
    assert "ToyData" == type(load_datamodule(toy.tracking_uri, run_id, trusted=TRUSTED)).__name__
    assert "ToyData" == type(load_datamodule(toy.tracking_uri, toy.name, trusted=TRUSTED)).__name__


def test_model_comes_back_by_the_name_of_its_run(toy: ToyRun, run_id: str) -> None:
    """The name, where one run alone has it, loads the same weights as the id."""
    named, addressed = (
        load_model_from_checkpoint(toy.tracking_uri, run, trusted=TRUSTED) for run in (toy.name, run_id)
    )

    for name, weights in addressed.state_dict().items():
        torch.testing.assert_close(named.state_dict()[name], weights, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"run_id": "0" * 32}, TrackingError, "has no run"),
        (
            {"checkpoint": "best-accuracy"},
            TrackingError,
            "has no checkpoint `best-accuracy`; it has best-val_loss, last",
        ),
        (
            {"trusted": []},
            StoredTargetError,
            r"`toy_job\.ToyModel` is not of a trusted package.*trusted=\['toy_job'\]",
        ),
        ({"_target_": "os.system"}, StoredTargetError, "`os.system` may not be named"),
        ({"_target_": "toy_job.NoModel"}, StoredTargetError, "`toy_job` has no `NoModel`"),
        ({"_target_": "torch.nn.Linear"}, StoredTargetError, "is not a LightningModule"),
        ({"width": 3}, StoredTargetError, r"has no parameter `width` \(any more\); it takes scheduler"),
        (
            {"_target_": "toy_other.Model", "trusted": ["toy_other"]},
            StoredTargetError,
            "`toy_other` .* is not installed",
        ),
        ({"_target_": "toy_job.WideModel"}, LoadError, "do not fit the model"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_missing_is_named(
    arguments: dict[str, Any], error: type[SerotinyError], message: str, toy: ToyRun, run_id: str
) -> None:
    """No run, no checkpoint, an untrusted or changed target, weights that do not fit: each a message of its own."""
    given = {"tracking_uri": toy.tracking_uri, "run_id": run_id, "trusted": TRUSTED} | arguments
    with pytest.raises(error, match=message):
        load_model_from_checkpoint(**given)


def test_test_of_the_resumed_run_repeats_its_metric(toy: ToyRun, tmp_path: Path) -> None:
    """`test` finds the run by its name, uses its last checkpoint, records at its step, leaves the status."""
    before = toy.runs()[0]
    ToyRun(tmp_path, toy.tracking_uri, name=toy.name, operation="test", extra=toy.extra).finish()
    after = toy.runs()[0]
    client = MlflowClient(toy.tracking_uri)
    points = client.get_metric_history(before.info.run_id, "test_loss")

    assert "FINISHED" == after.info.status
    assert 1 == len({point.step for point in points})
    assert before.info.end_time == after.info.end_time


def test_run_that_was_resumed_twice_gives_the_same_numbers(server: MlflowServer, tmp_path: Path) -> None:
    """What `test` records, what `predict` writes and what is loaded equals that of an uninterrupted run."""
    whole = ToyRun(tmp_path, server.uri, name="whole")
    resumed = ToyRun(tmp_path, server.uri, name="resumed")
    whole.finish()
    for place in ("0,4", "2,1"):
        assert -signal.SIGKILL == ended(resumed.start(at=place))
    resumed.finish()
    for toy in (whole, resumed):
        for operation in ("test", "predict"):
            toy.operation = operation
            toy.finish()

    assert "test_loss" in whole.history()
    assert [] == differences(numbers(whole), numbers(resumed))


def numbers(toy: ToyRun) -> tuple[Any, ...]:
    """The metrics, the predictions of the latest start, and the weights of the loaded model."""
    model = load_model_from_checkpoint(toy.tracking_uri, toy.runs()[0].info.run_id, trusted=TRUSTED)
    predictions = pyarrow.parquet.read_table(toy.run_dir / "predictions" / "predictions.parquet")
    return toy.history(), predictions.to_pydict(), dict(model.state_dict())


def test_checkpoint_file_holds_plain_data_alone(toy: ToyRun) -> None:
    """Whoever has the file can read it with `weights_only=True`."""
    checkpoint = torch.load(toy.run_dir / "checkpoints" / "best-val_loss.ckpt", weights_only=True)

    assert {"state_dict", "optimizer_states", "serotiny"} <= checkpoint.keys()
