"""What to do after a job that did not come to its end."""

from __future__ import annotations

import shlex
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.record.request import settings_of
from serotiny.tracking import layout
from serotiny.tracking.session import RunInfo


def after_failure(plan: Plan, run_dir: Path, info: RunInfo) -> str:
    """How to go on once the fault is mended."""
    if plan.operation != "train" or not _is_recorded(plan):
        return "once this is mended, give the same command again"
    if plan.run_name is not None:
        return "once this is mended, the same command goes on with this run"
    if any((run_dir / layout.CHECKPOINT_FOLDER).glob("*.ckpt")):
        return f"once this is mended, go on from the last checkpoint with\n    {command_to_go_on(plan, info)}"
    return "once this is mended, the same command trains anew, in another run"


def after_interruption(plan: Plan, info: RunInfo) -> str:
    """How to go on with what was interrupted."""
    if plan.operation != "train":
        return "the same command starts it again"
    if plan.run_name is not None:
        return "the same command goes on from the last checkpoint"
    if not _is_recorded(plan):
        return "without MLflow a run cannot be gone on with"
    return f"go on from the last checkpoint with\n  {command_to_go_on(plan, info)}"


def command_to_go_on(plan: Plan, info: RunInfo) -> str:
    """The command to resume a run whose name was generated."""
    name = f"mlflow.run_name={info.run_name}"
    return shlex.join(["serotiny", plan.operation, *plan.overrides, f"++{name}"])


def _is_recorded(plan: Plan) -> bool:
    return settings_of(plan).tracking_uri is not None
