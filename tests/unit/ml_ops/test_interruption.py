from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from serotiny.diagnostics import JobInterruptedError
from serotiny.ml_ops.run import run
from tests.fakes.toy_jobs.bits import differences

from .conftest import MakePlan, trained_state


def status(run_dir: Path) -> str:
    return str(json.loads((run_dir / "run.json").read_text())["status"])


def epoch_means(run_dir: Path) -> list[float]:
    """The means of the epochs, as they were logged at their ends."""
    lines = map(json.loads, (run_dir / "metrics.jsonl").read_text().splitlines())
    return [line["values"]["train_loss_epoch"] for line in lines if "train_loss_epoch" in line["values"]]


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
    ],
    ids=str,
)
@pytest.mark.parametrize("batch", [0, 2, 5, 6])
def test_job_stopped_in_mid_epoch_goes_on_with_the_next_batch(
    batch: int, changes: dict[str, object], make_plan: MakePlan, tmp_path: Path
) -> None:
    """The batches that were trained on are not seen again, the others are: the weights and epoch's means come out the same."""
    run(make_plan(**changes), tmp_path / "whole")
    with pytest.raises(JobInterruptedError):
        run(make_plan(model__signal_at=[1, batch], **changes), tmp_path / "halved")
    run(make_plan(mlflow__on_drift="allow", **changes), tmp_path / "halved")

    assert [] == differences(trained_state(tmp_path / "whole"), trained_state(tmp_path / "halved"))
    assert epoch_means(tmp_path / "whole") == epoch_means(tmp_path / "halved")
