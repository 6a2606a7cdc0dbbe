"""The request to record the run of a plan."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.session import RunRequest


def request_of(plan: Plan, run_dir: Path, parent_run_id: str | None = None) -> RunRequest:
    """The request of a job in the folder `run_dir`; `parent_run_id` is the run of its sweep."""
    ckpt_path = plan.config.get("ckpt_path")
    return RunRequest(
        operation=plan.operation,
        run_name=plan.run_name,
        logged_config=plan.logged_config,
        identity=plan.identity,
        run_dir=run_dir,
        project_root=Path(plan.project_root),
        ckpt_path=None if ckpt_path is None else str(ckpt_path),
        job_keys=plan.job_keys,
        parent_run_id=parent_run_id,
    )


def settings_of(plan: Plan) -> MlflowConfig:
    """The settings of recording; with `fast_dev_run`, which only tries the code, nothing is recorded."""
    # with secrets unresolved, since tags are public
    tags = (plan.logged_config.get("mlflow") or {}).get("tags")
    settings = MlflowConfig(**(plan.config.get("mlflow") or {}) | ({} if tags is None else {"tags": tags}))
    trainer = plan.config.get("trainer") or {}
    if plan.operation == "train" and trainer.get("fast_dev_run"):
        return settings.model_copy(update={"tracking_uri": None, "run_name": None})
    return settings
