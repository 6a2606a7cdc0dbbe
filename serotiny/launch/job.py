"""One compiled job inside Hydra's: in its folder, with the values that only a running job knows."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.project import Project
from serotiny.compiler.project.environment import added_variables
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.credentials.masking import mask_credentials
from serotiny.filesystem import replace_file
from serotiny.ml_ops.instantiation import make_importable
from serotiny.ml_ops.job import JobResult
from serotiny.ml_ops.run import run


def run_job(project: Project, plan: Plan, config: DictConfig) -> JobResult:
    """Run a plan as the task of a Hydra job.

    Args:
        project: whose modules the config may name, installed or not.
        plan: compiled and free of errors.
        config: Hydra's own composition, which only resolves what is known inside a job.

    Raises:
        RunRefusedError: the run may not start (SER4xx).
        SerotinyError: the job failed, or the tracking store cannot be reached.
    """
    os.environ.update(added_variables(project))  # a launcher's process may have been started bare
    make_importable(project.import_paths)
    run_dir = Path(HydraConfig.get().runtime.output_dir)
    _mask_what_hydra_saved(run_dir)
    return run(replace(plan, config=_with_job_values(plan.config, config)), run_dir)


def _mask_what_hydra_saved(run_dir: Path) -> None:
    """Hydra writes the config as it was given, credentials included, before a job starts."""
    for file in (*run_dir.glob(".hydra/*.yaml"), run_dir.parent / "multirun.yaml"):
        if file.is_file() and (masked := mask_credentials(text := file.read_text("utf-8"))) != text:
            replace_file(file, masked)


def _with_job_values(value: Any, config: DictConfig) -> Any:
    """Resolve what was left: the interpolations that only a running job can answer (`${hydra:…}`)."""
    if isinstance(value, dict):
        return {key: _with_job_values(item, config) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_job_values(item, config) for item in value]
    if not is_interpolated(value):
        return value
    holder = OmegaConf.create({"value": value})
    holder._set_parent(config)
    return OmegaConf.to_container(holder, resolve=True)["value"]  # type: ignore[index, call-overload]
