"""Trainings that a limit or a callback ends, and what goes on afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serotiny.diagnostics import JobInterruptedError
from serotiny.ml_ops.checkpoints.candidates import CheckpointError
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.run import run
from serotiny.tracking.session import RunRefusedError
from tests.fakes.toy_jobs.bits import differences

from .conftest import MakePlan, metrics, trained_state

STOPPING = {
    "_target_": "pytorch_lightning.callbacks.EarlyStopping",
    "monitor": "val_loss",
    "patience": 1,
    "min_delta": 100.0,
}
BEST = {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": "val_loss"}


def step_of(run_dir: Path) -> int:
    return int(trained_state(run_dir)["global_step"])


def test_raised_max_steps_goes_on_within_the_epoch_with_the_same_weights(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """Nine steps and then three more are twelve at once, though an epoch has seven batches."""
    run(make_plan(trainer__max_steps=12), tmp_path / "at once")
    run(make_plan(trainer__max_steps=9), tmp_path / "in parts")
    result = run(make_plan(trainer__max_steps=12), tmp_path / "in parts")

    assert 12 == step_of(tmp_path / "in parts")
    assert tmp_path / "in parts" / "checkpoints" / "last.ckpt" == result.resumed_from
    assert [] == differences(trained_state(tmp_path / "at once"), trained_state(tmp_path / "in parts"))


def test_max_time_that_is_taken_away_lets_the_run_go_on(make_plan: MakePlan, tmp_path: Path) -> None:
    """A run that its time ended has not finished what is asked for without that limit, and goes on to the same weights."""
    limited = {"trainer__max_time": "00:00:00:01", "trainer__max_epochs": 4, "model__delay_s": 0.15}
    run(make_plan(**limited), tmp_path / "run")
    cut = step_of(tmp_path / "run")
    again = run(make_plan(**limited), tmp_path / "run")
    run(make_plan(**(limited | {"trainer__max_time": None})), tmp_path / "run")

    assert 0 < cut < 28
    assert "nothing is left to train" in again.notes[0]
    assert 28 == step_of(tmp_path / "run")
    expected = {("val_loss", 7 * epoch - 1) for epoch in range(1, 5)}
    assert expected <= metrics(tmp_path / "run").keys()
    run(make_plan(trainer__max_epochs=4), tmp_path / "whole")
    assert [] == differences(trained_state(tmp_path / "whole"), trained_state(tmp_path / "run"))


@pytest.mark.parametrize(
    ("limit", "place"),
    [({"trainer__max_steps": 5}, (0, 4)), ({"trainer__max_time": {"microseconds": 1}}, (0, 0))],
)
def test_signal_in_the_batch_that_a_limit_ends_loses_no_batch(
    make_plan: MakePlan, tmp_path: Path, limit: dict[str, Any], place: tuple[int, int]
) -> None:
    """Stopped in the batch after which a limit ends it too, the run goes on without the limit in the same epoch."""
    with pytest.raises(JobInterruptedError):
        run(make_plan(**limit, model__signal_at=place), tmp_path / "run")
    cut = step_of(tmp_path / "run")
    run(make_plan(model__signal_at=place), tmp_path / "run")
    run(make_plan(), tmp_path / "whole")

    assert 0 < cut < 7

    assert [] == differences(trained_state(tmp_path / "whole"), trained_state(tmp_path / "run"))


@pytest.mark.parametrize("stopped_at", [(2, 0), (2, 3)])
def test_fewer_epochs_than_were_trained_leave_nothing_to_train(
    make_plan: MakePlan, tmp_path: Path, stopped_at: tuple[int, int]
) -> None:
    """A run that was stopped in its third epoch and is asked for one has ended; asked for three it goes on as it would."""
    with pytest.raises(JobInterruptedError):
        run(make_plan(model__signal_at=stopped_at), tmp_path / "run")
    steps = step_of(tmp_path / "run")
    fewer = run(make_plan(trainer__max_epochs=1, model__signal_at=stopped_at), tmp_path / "run")
    between = step_of(tmp_path / "run")
    run(make_plan(model__signal_at=stopped_at), tmp_path / "run")
    run(make_plan(), tmp_path / "whole")

    assert (
        "it was trained for 2 epochs before: nothing was left to train; for more, raise `trainer.max_epochs`"
    ) in fewer.notes
    assert steps == between
    assert [] == differences(trained_state(tmp_path / "whole"), trained_state(tmp_path / "run"))


def test_early_stopping_is_an_end_of_its_own(make_plan: MakePlan, tmp_path: Path) -> None:
    """It says so, and a raised `max_epochs` trains nothing more; nor does a start after the job died at its end."""
    plan = make_plan(trainer__max_epochs=9, trainer__callbacks=[STOPPING])
    first = run(plan, tmp_path / "run")
    stopped = step_of(tmp_path / "run")
    longer = run(make_plan(trainer__max_epochs=20, trainer__callbacks=[STOPPING]), tmp_path / "run")
    owner = tmp_path / "run" / ".owner.json"
    owner.write_text(json.dumps({**json.loads(owner.read_text()), "status": "FAILED"}))
    (tmp_path / "run" / "tags.json").unlink()
    after_death = run(plan, tmp_path / "run")

    assert "early stopping ended it after 2 epochs" in first.notes[-1]
    assert "early stopping ended it after 2 epochs" in longer.notes[0]
    assert "early stopping ended it after 2 epochs" in after_death.notes[-1]
    assert (14, 14) == (stopped, step_of(tmp_path / "run"))


def test_best_is_the_best_of_all_that_keep_one_metric(make_plan: MakePlan, tmp_path: Path) -> None:
    """A periodic checkpoint beside the best one never takes the name of the best; its score is told."""
    periodic = BEST | {"save_top_k": -1, "every_n_epochs": 2, "filename": "periodic-{epoch}"}
    result = run(
        make_plan(trainer__callbacks={"best": BEST, "periodic": periodic}, trainer__max_epochs=5),
        tmp_path / "run",
    )

    (best,) = result.best
    lowest = min(
        value
        for (name, _), values in metrics(tmp_path / "run").items()
        if name == "val_loss"
        for value in values
    )
    assert "val_loss" == best.monitor
    assert lowest == pytest.approx(best.score)
    named = read_checkpoint(tmp_path / "run" / "checkpoints" / "best-val_loss.ckpt")
    assert [] == differences(read_checkpoint(best.path)["state_dict"], named["state_dict"])


def test_best_that_replaces_an_earlier_one_in_its_file_is_stored(make_plan: MakePlan, tmp_path: Path) -> None:
    """A `ModelCheckpoint` with a constant `filename` writes each better one to the same file."""
    target = "pytorch_lightning.callbacks.ModelCheckpoint"
    best = {"_target_": target, "monitor": "val_loss", "mode": "max", "filename": "best"}
    run(make_plan(trainer__callbacks={"best": best}), tmp_path / "run")

    epochs = [
        read_checkpoint(tmp_path / "run" / "checkpoints" / name)["epoch"]
        for name in ("best.ckpt", "best-val_loss.ckpt")
    ]
    assert [1, 1] == epochs


def test_without_mlflow_a_folder_is_gone_on_with_by_its_own_run_alone(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """Another name after a finished run starts anew, the other's files beside it; another config is refused."""
    run(make_plan(run_name="a", trainer__max_epochs=1), tmp_path / "out")
    run(make_plan(run_name="b", seed=8, trainer__max_epochs=1), tmp_path / "out")
    with pytest.raises(RunRefusedError, match="another config"):
        run(make_plan(run_name="b", seed=9, trainer__max_epochs=2), tmp_path / "out")

    names = [
        read_checkpoint(tmp_path / folder / "checkpoints" / "last.ckpt")["serotiny"]["run"]["name"]
        for folder in ("out", "out-1")
    ]
    assert ["b", "a"] == names


def test_checkpoint_of_another_run_in_the_folder_is_refused(make_plan: MakePlan, tmp_path: Path) -> None:
    """Copied by hand, it is neither gone on with nor written over."""
    run(make_plan(run_name="a", trainer__max_epochs=1), tmp_path / "a")
    run(make_plan(run_name="b", trainer__max_epochs=1), tmp_path / "b")
    last = tmp_path / "b" / "checkpoints" / "last.ckpt"
    last.write_bytes((tmp_path / "a" / "checkpoints" / "last.ckpt").read_bytes())

    with pytest.raises(CheckpointError, match="is a checkpoint of run `a`"):
        run(make_plan(run_name="b", trainer__max_epochs=2), tmp_path / "b")


def test_flipped_byte_in_a_checkpoint_is_noticed(make_plan: MakePlan, tmp_path: Path) -> None:
    """Torch would read it; its checksum says that it is not what was written."""
    run(make_plan(trainer__max_epochs=1), tmp_path / "run")
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    content = bytearray(last.read_bytes())
    content[len(content) // 2] ^= 1
    last.write_bytes(content)

    with pytest.raises(CheckpointError, match="damaged"):
        read_checkpoint(last)


def test_leftovers_of_a_killed_write_go_with_the_next_start(make_plan: MakePlan, tmp_path: Path) -> None:
    """Half-written and half-fetched files beside the checkpoints are nobody's."""
    run(make_plan(trainer__max_epochs=1), tmp_path / "run")
    checkpoints = tmp_path / "run" / "checkpoints"
    (checkpoints / ".download-abcdefgh").mkdir()
    for leftover in (".0123456789abcdef.partial", ".download-abcdefgh/last.ckpt"):
        (checkpoints / leftover).write_bytes(b"half")
    run(make_plan(trainer__max_epochs=2), tmp_path / "run")

    assert ["last.ckpt"] == [file.name for file in checkpoints.iterdir()]
