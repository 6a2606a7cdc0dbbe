"""The data set of a job, for MLflow's pages."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.manifest.digest import manifest_digest
from serotiny.tracking.session import DataSet


def data_set_of(plan: Plan) -> DataSet | None:
    """The manifest that the config's data module reads; None if it names none, or it does not exist."""
    data = plan.config.get("data") or {}
    path = data.get("path") if isinstance(data, dict) else None
    if not isinstance(path, str):
        return None
    file = Path(plan.project_root) / path
    digest = manifest_digest(file)
    return None if digest is None else DataSet(name=file.name, digest=digest, source=file.absolute().as_uri())
