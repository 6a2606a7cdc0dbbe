"""Where a job that has ended can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.cli.job_task import _where_to_look
from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.job import JobResult


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://host:5000/", "http://host:5000/#/experiments/3/runs/abc"),
        ("https://me:secret@host/mlflow", "https://***@host/mlflow/#/experiments/3/runs/abc"),
        ("sqlite:////data/a b.db", "mlflow ui --backend-store-uri 'sqlite:////data/a b.db'"),
        (None, None),
    ],
)
def test_page_of_the_run_or_the_command_that_shows_it(
    tmp_path: Path, uri: str | None, shown: str | None
) -> None:
    """On a server it is the run's own page, without credentials; elsewhere a command, quoted for the shell."""
    config = {"mlflow": {"tracking_uri": uri}}
    plan = Plan(
        operation="train",
        config=config,
        logged_config=config,
        identity="",
        run_name="vae",
        overrides=(),
        project_root=str(tmp_path),
        package=None,
        trusted=(),
        versions={},
    )
    result = JobResult(
        operation="train",
        run_id="abc",
        run_name="vae",
        status="FINISHED",
        run_dir=tmp_path,
        experiment_id="3",
    )

    assert shown == _where_to_look(plan, result)
