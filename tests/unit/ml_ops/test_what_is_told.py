"""What a job that ended well tells of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serotiny.diagnostics import JobError
from serotiny.ml_ops.run import run

from .conftest import MakePlan, metrics

STOPPING = {
    "_target_": "pytorch_lightning.callbacks.EarlyStopping",
    "monitor": "val_loss",
    "patience": 1,
    "min_delta": 100.0,
}
REACHED = {
    "_target_": "pytorch_lightning.callbacks.EarlyStopping",
    "monitor": "val_loss",
    "stopping_threshold": 1e9,
}
BEST = {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": "val_loss"}


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"trainer__max_steps": 9}, "`trainer.max_steps` ended it after 1 epoch (9 steps)"),
        ({"trainer__callbacks": [STOPPING]}, "early stopping ended it after 2 epochs (14 steps)"),
        ({"trainer__callbacks": [REACHED]}, "early stopping ended it after 1 epoch (7 steps)"),
        ({"trainer__max_epochs": 1}, None),
    ],
    ids=["max_steps", "early stopping", "threshold in the first epoch", "max_epochs"],
)
def test_what_ended_a_training_before_its_last_epoch_is_told(
    make_plan: MakePlan, tmp_path: Path, changes: dict[str, Any], note: str | None
) -> None:
    """Whatever it was: a limit that was set, or a callback; of one that went to its end there is nothing to tell."""
    assert (() if note is None else (note,)) == run(make_plan(**changes), tmp_path / "run").notes


def test_max_time_is_told(make_plan: MakePlan, tmp_path: Path) -> None:
    """A training that its time ended says so, with how far it came."""
    limited = {"trainer__max_time": "00:00:00:01", "model__delay_s": 0.3}

    (note,) = run(make_plan(**limited), tmp_path / "run").notes

    assert note.startswith("`trainer.max_time` ended it after ")


def test_epochs_are_counted_from_0_everywhere(make_plan: MakePlan, tmp_path: Path) -> None:
    """Lines, metric and best checkpoint agree, also when a test follows, which Lightning puts in a further epoch."""
    plan = make_plan(trainer__max_epochs=2, test=True, trainer__callbacks=[BEST])

    result = run(plan, tmp_path / "run")

    epochs = {
        value
        for (name, _), values in metrics(tmp_path / "run").items()
        if name == "epoch"
        for value in values
    }
    assert {0.0, 1.0} == epochs
    assert 1.0 == result.metrics["epoch"]
    assert "test_loss" in result.metrics


def test_best_checkpoints_are_told_with_metric_and_score(make_plan: MakePlan, tmp_path: Path) -> None:
    """What was monitored, and the best value of it."""
    (best,) = run(make_plan(trainer__callbacks=[BEST]), tmp_path / "run").best

    lowest = min(min(values) for (name, _), values in metrics(tmp_path / "run").items() if name == "val_loss")
    assert "val_loss" == best.monitor
    assert pytest.approx(lowest) == best.score


def test_fast_dev_run_records_nothing_and_takes_no_name(make_plan: MakePlan, tmp_path: Path) -> None:
    """Neither a run in the store nor a checkpoint; the name is free afterwards."""
    store = f"sqlite:///{tmp_path}/mlflow.db"
    plan = make_plan(mlflow__tracking_uri=store, trainer__fast_dev_run=True)

    result = run(plan, tmp_path / "trial")

    assert None is result.checkpoint
    assert not (tmp_path / "mlflow.db").exists()
    assert [] == [*(tmp_path / "trial").rglob("*.ckpt")]


def test_profiler_and_model_summary_are_printed_when_asked_for(
    make_plan: MakePlan, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """As Lightning's users know them: the table before the training, the report behind it."""
    asked = {"trainer__profiler": "simple", "trainer__enable_model_summary": True, "trainer__max_epochs": 1}

    run(make_plan(**asked), tmp_path / "run")

    said = caplog.text + capfd.readouterr().out
    assert "Total params" in said
    assert "FIT Profiler Report" in said


def test_failed_predict_leaves_the_run_as_it_was(make_plan: MakePlan, tmp_path: Path) -> None:
    """Neither status nor tags of a run that was trained change when `predict` on it fails."""
    store = f"sqlite:///{tmp_path}/mlflow.db"
    where = {"mlflow__tracking_uri": store, "mlflow__experiment_name": "toys", "trainer__max_epochs": 1}
    run_id = run(make_plan(**where), tmp_path / "run").run_id
    before = _record(store, run_id)

    nothing_to_predict = {"data___target_": "pytorch_lightning.LightningDataModule"}
    with pytest.raises(JobError, match="predict_dataloader"):
        run(make_plan("predict", **where, **nothing_to_predict), tmp_path / "predicted")

    assert "FINISHED" == before["status"]
    assert before == _record(store, run_id)


def _record(store: str, run_id: str | None) -> dict[str, Any]:
    from mlflow import MlflowClient

    run = MlflowClient(store).get_run(str(run_id))
    tags = {key: value for key, value in run.data.tags.items() if key != "mlflow.loggedModels"}
    return {"status": run.info.status, "end": run.info.end_time, "tags": json.dumps(tags, sort_keys=True)}
