"""Where the runs of a project are, as commands that look at them find out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serotiny.cli.options import open_project
from serotiny.compiler.compile import Compiler
from serotiny.diagnostics import SerotinyError
from serotiny.schemas.mlflow import MlflowConfig


class NoSettingsError(SerotinyError):
    """The project's config does not say where its runs are."""


def run_store(tracking_uri: str | None, experiment: str | None) -> tuple[MlflowConfig, Path]:
    """The `mlflow` group of `train` with what the command line changes, and the project's root.

    Raises:
        NoSettingsError: the group has faults, or names no store.
    """
    project = open_project(None, ())
    job = Compiler.of_project(project).compile_job("train", ())
    content: dict[str, Any] = dict(job.resolved.root.plain().get("mlflow") or {})
    if tracking_uri is not None:
        content["tracking_uri"] = tracking_uri
    if experiment is not None:
        content["experiment_name"] = experiment
    faults = [found for found in job.diagnostics if found.is_error and (found.key or "").startswith("mlflow")]
    if faults:
        raise NoSettingsError(
            f"the `mlflow` group is at fault ({faults[0].message}); run `serotiny check config`"
        )
    settings = MlflowConfig.model_validate(content)
    if settings.tracking_uri is None:
        raise NoSettingsError(
            "`mlflow.tracking_uri` is null: there are no recorded runs; give --tracking-uri"
        )
    return settings, project.root
