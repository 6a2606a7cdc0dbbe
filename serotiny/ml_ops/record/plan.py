"""Record what a job will do."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.credentials.known import KnownSecrets
from serotiny.ml_ops.record.data_set import data_set_of
from serotiny.ml_ops.record.environment import uncommitted_changes
from serotiny.ml_ops.record.parameters import flatten
from serotiny.ml_ops.record.provenance import provenance_tags
from serotiny.tracking import layout
from serotiny.tracking.session import RunSession


def record_plan(plan: Plan, session: RunSession) -> None:
    """Record the plan and, of a training, its parameters, code and data."""
    session.log_text(plan.to_json(), layout.plan_path(plan.operation))
    if plan.operation == "train":
        session.set_tags(provenance_tags(plan))
        changes = uncommitted_changes(
            Path(plan.project_root), KnownSecrets.between(plan.config, plan.logged_config)
        )
        if changes is not None:
            session.log_text(changes, layout.UNCOMMITTED)
        session.log_params(flatten(plan.logged_config))
        if (data_set := data_set_of(plan)) is not None:
            session.log_data_set(data_set)
            session.set_tags({layout.TAG_DATA: f"{data_set.name} {data_set.digest}"})
