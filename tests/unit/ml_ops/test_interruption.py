from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.diagnostics import JobInterruptedError
from serotiny.ml_ops.run import run
from tests.fakes.toy_jobs.bits import differences

from .conftest import MakePlan, Undisturbed, metrics, trained_state


def status(run_dir: Path) -> str:
    return str(json.loads((run_dir / "run.json").read_text())["status"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_signal_ends_the_job_as_killed_with_exit_status_3(
    number: signal.Signals, make_plan: MakePlan, tmp_path: Path
) -> None:
    """SIGINT, SIGTERM and Slurm's SIGUSR1 end the training after the batch; the run is KILLED, and its checkpoint is there."""
    former = signal.getsignal(number)
    plan = make_plan(model__signal_at=[1, 2], model__signal_number=int(number))
    with pytest.raises(JobInterruptedError, match=number.name) as raised:
        run(plan, tmp_path / "run")

    assert 3 == raised.value.exit_status
    assert "KILLED" == status(tmp_path / "run")
    assert 7 + 3 == trained_state(tmp_path / "run")["global_step"]
    assert former == signal.getsignal(number)


def test_signal_while_a_part_is_made_ends_the_job_as_killed(make_plan: MakePlan, tmp_path: Path) -> None:
    """What instantiates parts, and what it calls, catches every error of theirs: a signal is none of them."""
    with pytest.raises(JobInterruptedError, match="SIGTERM"):
        run(make_plan(model___target_="toy_job.SignallingModel"), tmp_path / "run")

    assert "KILLED" == status(tmp_path / "run")


def test_an_interrupted_run_without_a_name_prints_the_command_to_go_on(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """Its name was made up, so the command that goes on with it gives that name."""
    store = f"sqlite:///{tmp_path}/mlflow.db"
    plan = replace(make_plan(model__signal_at=[1, 2], mlflow__tracking_uri=store), run_name=None)
    with pytest.raises(
        JobInterruptedError, match=r"go on from .*\n  serotiny train .*\+\+mlflow.run_name=train-"
    ):
        run(plan, tmp_path / "run")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data__num_workers": 2},
        {"data__own_generator": True},
        {"data___target_": "toy_job.TwoLoaders"},
        {"trainer__accumulate_grad_batches": 2},
        {"trainer__val_check_interval": 3},
        {"trainer__max_steps": 19},
        {"model__scheduler": "plateau"},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [(0, 0), (0, 3), (1, 0), (1, 5), (1, 6)], ids=str)
def test_job_stopped_in_mid_epoch_goes_on_with_the_next_batch(
    place: tuple[int, int],
    changes: dict[str, object],
    make_plan: MakePlan,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    """The batches that were trained on are not seen again, the others are: weights and metrics come out the same."""
    whole = undisturbed(**changes)
    with pytest.raises(JobInterruptedError):
        run(make_plan(model__signal_at=list(place), **changes), tmp_path / "halved")
    run(make_plan(mlflow__on_drift="allow", **changes), tmp_path / "halved")

    assert [] == differences(trained_state(whole), trained_state(tmp_path / "halved"))
    assert metrics(whole) == metrics(tmp_path / "halved")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data__num_workers": 2},
        {"data__stream": True},
        {"model__scheduler": "plateau"},
        {"trainer__val_check_interval": 3},
        {"trainer__check_val_every_n_epoch": None, "trainer__val_check_interval": 7},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [(0, 0), (1, 1)], ids=str)
def test_job_stopped_in_a_validation_does_that_again_and_goes_on(
    place: tuple[int, int],
    changes: dict[str, object],
    make_plan: MakePlan,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    """A signal takes effect after the validation's batch; the same command ends with the same weights and metrics."""
    whole = undisturbed(**changes)
    with pytest.raises(JobInterruptedError):
        run(make_plan(model__signal_in_validation=list(place), **changes), tmp_path / "halved")
    epochs = [epoch for name, epoch in metrics(tmp_path / "halved") if name == "val_loss"]
    run(make_plan(mlflow__on_drift="allow", **changes), tmp_path / "halved")

    assert place[0] >= len(epochs) or "val_check_interval" in str(changes)
    assert [] == differences(trained_state(whole), trained_state(tmp_path / "halved"))
    assert metrics(whole) == metrics(tmp_path / "halved")


def test_signal_in_the_last_validation_ends_the_job_at_its_end(make_plan: MakePlan, tmp_path: Path) -> None:
    """With the last step behind it nothing would come back to that validation: it is done whole."""
    plan = make_plan(trainer__max_steps=14, model__signal_in_validation=[1, 0])
    with pytest.raises(JobInterruptedError):
        run(plan, tmp_path / "run")

    assert 2 == len([name for name, _ in metrics(tmp_path / "run") if name == "val_loss"])


def test_signal_in_a_validation_that_is_asked_for_by_time_ends_the_job_at_its_end(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """Nobody can say when such a validation would come back: it is done whole."""
    plan = make_plan(trainer__val_check_interval={"milliseconds": 1}, model__signal_in_validation=[0, 0])
    with pytest.raises(JobInterruptedError):
        run(plan, tmp_path / "run")

    assert "val_loss" in {name for name, _ in metrics(tmp_path / "run")}
    assert trained_state(tmp_path / "run")["global_step"] < 7
