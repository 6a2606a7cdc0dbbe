"""Refuse a run whose checkpoints may not be read, where they lie on this machine, before MLflow is imported to open it."""

from __future__ import annotations

import logging
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.checkpoints.candidates import CheckpointError, no_whole_checkpoint, refuse_unreadable
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.earlier_starts import journals_of
from serotiny.tracking.mlflow.session import checkpoints_of
from serotiny.tracking.mlflow.sqlite.filed_run import FiledRun, filed_run
from serotiny.tracking.mlflow.store import resolve_tracking_uri, sqlite_file
from serotiny.tracking.reservation.named_checkpoint import source_named
from serotiny.tracking.session import CheckpointSource

_log = logging.getLogger(__name__)


def refuse_filed_run(plan: Plan, settings: MlflowConfig) -> None:
    """Refuse to test, or to predict with, a run of a sqlite store none of whose checkpoints in question may be read.

    Where another one may be used, or only MLflow can tell, nothing is refused here.

    Raises:
        CheckpointError: of the checkpoint that the user named, or of all of the run, none may be read.
    """
    given = plan.config.get("ckpt_path")
    root = Path(plan.project_root)
    run = None if plan.operation == "train" else _filed(plan, settings, root)
    if run is None or (given is not None and "/" in str(given)):
        return
    sources = checkpoints_of(run.record, journals_of(run.record, root))
    named = None if given is None else source_named(str(given), sources)
    if given is not None and named is None:
        return
    faults = _faults(run, sources if named is None else [named])
    if faults and named is not None:
        raise faults[0]
    if faults:
        for fault in faults:
            _log.warning("%s; passed over", fault)
        raise no_whole_checkpoint(run.record.name)


def _filed(plan: Plan, settings: MlflowConfig, root: Path) -> FiledRun | None:
    if settings.tracking_uri is None:
        return None
    database = sqlite_file(resolve_tracking_uri(settings.tracking_uri, root))
    if database is None:
        return None
    if settings.run_id is not None:
        return filed_run(database, run_id=settings.run_id, experiment=settings.experiment_name)
    if plan.run_name is None:
        return None
    return filed_run(database, name=plan.run_name, experiment=settings.experiment_name)


def _faults(run: FiledRun, sources: list[CheckpointSource]) -> list[CheckpointError]:
    """What is wrong with each of the checkpoints; none if one of them may be right."""
    found: list[CheckpointError] = []
    for source in sources:
        file = source.file if source.artifact is None else run.file(source.artifact)
        if file is None:
            return []
        try:
            refuse_unreadable(file)
        except CheckpointError as error:
            found.append(error)
        else:
            return []
    return found
