from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serotiny.diagnostics import JobError
from serotiny.ml_ops.run import run
from tests.fakes.toy_jobs.bits import differences
from tests.unit.ml_ops.conftest import MakePlan, Undisturbed, metrics, trained_state

WIDTH = 4
"""Of the toy's rows."""


def assert_same_bits(uninterrupted: Path, resumed: Path) -> None:
    assert [] == differences(trained_state(uninterrupted), trained_state(resumed))
    assert metrics(uninterrupted) == metrics(resumed)


WAYS: dict[str, dict[str, Any]] = {
    "no workers": {},
    "one worker": {"data__num_workers": 1},
    "two workers": {"data__num_workers": 2},
    "persistent workers": {"data__num_workers": 2, "data__persistent": True},
    "a loader with its own generator": {"data__own_generator": True},
    "a stream": {"data__stream": True},
    "a stream with workers": {"data__stream": True, "data__num_workers": 1},
    "two loaders": {"data___target_": "toy_job.TwoLoaders"},
    "a plateau scheduler": {"model__scheduler": "plateau"},
    "max_steps": {"trainer__max_steps": 19},
    "accumulated gradients": {"trainer__accumulate_grad_batches": 2},
    "mixed precision": {"trainer__precision": "bf16-mixed"},
    "validation twice an epoch": {"trainer__val_check_interval": 0.5},
    "validation each second epoch": {"trainer__check_val_every_n_epoch": 2},
    "no validation": {"trainer__limit_val_batches": 0},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("batch", [0, 3])
def test_failure_in_the_second_epoch_resumes_with_the_same_bits(
    way: str, batch: int, make_plan: MakePlan, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """A run that failed and was resumed ends with the weights, optimiser state and metrics of one that did not."""
    with pytest.raises(JobError, match="the toy fails here"):
        run(make_plan(model__fail_at=[1, batch], **WAYS[way]), tmp_path / "halved")
    # the toy without its fault is another config
    result = run(make_plan(mlflow__on_drift="allow", **WAYS[way]), tmp_path / "halved")

    assert tmp_path / "halved" / "checkpoints" / "last.ckpt" == result.resumed_from
    assert_same_bits(undisturbed(**WAYS[way]), tmp_path / "halved")


def test_failure_right_after_save_last_resumes_with_the_same_bits(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """A `ModelCheckpoint` that keeps the last one does not touch the file which a run goes on from."""

    def changes(target: str) -> dict[str, Any]:
        callbacks = {"last": {"_target_": target, "save_last": True}}
        return {"model__scheduler": "plateau", "trainer__callbacks": callbacks, "mlflow__on_drift": "allow"}

    plain = make_plan(**changes("pytorch_lightning.callbacks.ModelCheckpoint"))
    run(plain, tmp_path / "whole")
    with pytest.raises(JobError, match="the toy fails here"):
        run(make_plan(**changes("toy_job.DyingCheckpoint")), tmp_path / "halved")
    run(plain, tmp_path / "halved")

    assert_same_bits(tmp_path / "whole", tmp_path / "halved")


@pytest.mark.parametrize("way", ["no workers", "two workers", "a plateau scheduler", "max_steps"])
def test_raised_max_epochs_goes_on_with_the_same_bits(
    way: str, make_plan: MakePlan, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """Two epochs and then one more are the same as three at once."""
    run(make_plan(**(WAYS[way] | {"trainer__max_epochs": 2})), tmp_path / "in parts")
    run(make_plan(**WAYS[way]), tmp_path / "in parts")

    assert_same_bits(undisturbed(**WAYS[way]), tmp_path / "in parts")


@pytest.mark.parametrize("workers", [0, 2])
def test_a_streamed_training_resumes_with_the_same_bits(
    workers: int, make_plan: MakePlan, tmp_path: Path
) -> None:
    """Rows come from row groups through a window, in an order of seed and epoch: what is left is told exactly."""
    numbers = np.random.default_rng(0).normal(size=(90, WIDTH)).astype(np.float32)
    table = pa.table({f"x_{column}": numbers[:, column] for column in range(WIDTH)})
    for name in ("train", "valid"):
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=20)
    data = {
        "_target_": "serotiny.datamodules.StreamedDatamodule",
        "path": str(tmp_path),
        "loaders": {"x": {"_target_": "serotiny.io.dataframe.loaders.LoadColumns", "startswith": "x_"}},
        "batch_size": 16,
        "window_rows": 40,
        "num_workers": workers,
    }
    run(make_plan(data=data), tmp_path / "whole")
    with pytest.raises(JobError, match="the toy fails here"):
        run(make_plan(data=data, model__fail_at=[1, 3]), tmp_path / "halved")
    run(make_plan(data=data, mlflow__on_drift="allow"), tmp_path / "halved")

    assert_same_bits(tmp_path / "whole", tmp_path / "halved")
