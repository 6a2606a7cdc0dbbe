"""Whether the names that a job asks for can be names at all."""

from __future__ import annotations

from serotiny.diagnostics import Diagnostic
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.run_name import fault_of_experiment_name, fault_of_run_name
from serotiny.tracking import refusals


def faults_of_names(settings: MlflowConfig, run_name: str | None) -> tuple[Diagnostic, ...]:
    """SER401 for each of run and experiment whose name cannot be one."""
    faults = {
        ("mlflow.run_name", run_name or ""): fault_of_run_name(run_name) if run_name is not None else None,
        ("mlflow.experiment_name", settings.experiment_name): fault_of_experiment_name(
            settings.experiment_name
        ),
    }
    return tuple(refusals.malformed(key, name, fault) for (key, name), fault in faults.items() if fault)
