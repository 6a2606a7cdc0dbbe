"""What to do after a job that did not come to its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serotiny.ml_ops.next_step import after_failure, after_interruption, command_to_go_on
from serotiny.tracking.session import RunInfo

from .conftest import MakePlan

_STORE = "sqlite:///mlflow.db"
_COMMAND = "serotiny train ++mlflow.run_name=train-1"


@pytest.fixture
def info(tmp_path: Path) -> RunInfo:
    return RunInfo(run_id="id", run_name="train-1", experiment_id="", experiment_name="", run_dir=tmp_path)


def test_the_command_to_go_on_is_quoted_for_the_shell(make_plan: MakePlan, info: RunInfo) -> None:
    """The name that was made up is given, beside the overrides of the call."""
    plan = replace(make_plan(), overrides=("model=vae", '++mlflow.tags.note="a b"'))

    expected = "serotiny train model=vae '++mlflow.tags.note=\"a b\"' ++mlflow.run_name=train-1"
    assert expected == command_to_go_on(plan, info)


@pytest.mark.parametrize(
    ("changes", "has_checkpoint", "expected"),
    [
        ({}, True, "the same command goes on with this run"),
        ({"run_name": None}, True, f"go on from the last checkpoint with\n    {_COMMAND}"),
        ({"run_name": None}, False, "the same command trains anew, in another run"),
        ({"operation": "test"}, True, "give the same command again"),
        ({"mlflow__tracking_uri": None}, True, "give the same command again"),
    ],
    ids=["named", "unnamed", "unnamed-without-checkpoint", "test", "unrecorded"],
)
def test_a_failed_job_goes_on_as_its_run_allows(
    changes: dict[str, Any], has_checkpoint: bool, expected: str, make_plan: MakePlan, info: RunInfo
) -> None:
    """A run with a name by the same command; one without by its generated name, if there is anything to go on from."""
    (info.run_dir / "checkpoints").mkdir()
    if has_checkpoint:
        (info.run_dir / "checkpoints" / "last.ckpt").write_text("…")
    plan = make_plan(**{"mlflow__tracking_uri": _STORE} | changes)

    assert f"once this is mended, {expected}" == after_failure(plan, info.run_dir, info)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "the same command goes on from the last checkpoint"),
        ({"run_name": None}, f"go on from the last checkpoint with\n  {_COMMAND}"),
        ({"run_name": None, "mlflow__tracking_uri": None}, "without MLflow a run cannot be gone on with"),
        ({"run_name": None, "operation": "test"}, "the same command starts it again"),
    ],
    ids=["named", "unnamed", "unrecorded", "test"],
)
def test_an_interrupted_job_goes_on_as_its_run_allows(
    changes: dict[str, Any], expected: str, make_plan: MakePlan, info: RunInfo
) -> None:
    """An interrupted training has a checkpoint, from which its run goes on, given its name."""
    plan = make_plan(**{"mlflow__tracking_uri": _STORE} | changes)

    assert expected == after_interruption(plan, info)
