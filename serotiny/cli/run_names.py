"""What `train` would do with the run names of compiled jobs, asked of MLflow without writing anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from serotiny.compiler.compile import Compilation, Job
from serotiny.diagnostics import NOWHERE, Diagnostic, Place, merge_jobs
from serotiny.report.report import Report, RunOutlook
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.lookup import look_up


def with_outlook(report: Report, compilation: Compilation) -> Report:
    """The report with an outlook for each run name that a sound training job asks for.

    Raises:
        TrackingError: a store cannot be reached.
    """
    asked: dict[str, tuple[MlflowConfig, list[int]]] = {}
    for index, job in enumerate(compilation.jobs):
        if job.composed.operation == "train" and job.is_sound:
            settings = _settings(job)
            asked.setdefault(settings.model_dump_json(), (settings, []))[1].append(index)
    runs: list[RunOutlook] = []
    faults: list[Diagnostic] = []
    for settings, jobs in asked.values():
        (found,) = look_up(settings, [settings.run_name], report.root)
        runs.append(
            RunOutlook(
                name=found.name,
                experiment=settings.experiment_name,
                action=found.action.value,
                note=found.note,
                jobs=tuple(jobs),
            )
        )
        if found.diagnostic is not None:
            place = _place_of_name(compilation.jobs[jobs[0]])
            faults.append(replace(found.diagnostic, place=place, key="mlflow.run_name", jobs=tuple(jobs)))
    diagnostics = tuple(merge_jobs([*report.diagnostics, *faults]))
    return replace(report, diagnostics=diagnostics, runs=tuple(runs))


def _settings(job: Job) -> MlflowConfig:
    content: dict[str, Any] = job.resolved.root.plain().get("mlflow") or {}
    return MlflowConfig.model_validate(content)


def _place_of_name(job: Job) -> Place:
    mlflow = job.resolved.root.get("mlflow")
    node = mlflow.get("run_name") if mlflow is not None else None
    return NOWHERE if node is None else node.written_at
