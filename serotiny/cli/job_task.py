"""One job, as Hydra's launchers call it: run, and told to the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from serotiny.api.compile import compile_call
from serotiny.cli.faults import tell_faults
from serotiny.compiler.overrides.argument import job_key
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.project import Project
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import JobError, JobInterruptedError, SerotinyError
from serotiny.report.job_summary import render_summary
from serotiny.report.report import Report
from serotiny.report.text import render_text

if TYPE_CHECKING:
    from serotiny.ml_ops.job import JobResult


_BASIC_SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"


class UnsoundJobError(JobError):
    """The job may not start; its diagnostics have been printed."""

    exit_status = 1


@dataclass(frozen=True)
class JobFailure:
    """How a job ended that did not end well.

    It is returned: of a job that raises, Hydra prints the overrides, credentials included.
    """

    message: str
    exit_status: int


@dataclass
class JobTask:
    """Runs the plan that was compiled for a job; picklable, since launchers ship it elsewhere.

    A job whose overrides a sweeper made up as it went is compiled when it starts, and what it raises is
    the sweeper's to handle. After an interruption no further job of this process is started.

    Attributes:
        plans: by `job_key`; the only one where there is no sweep.
    """

    project: Project
    operation: str
    plans: Mapping[tuple[str, ...], Plan] = field(default_factory=dict)
    quiet: bool = False
    interrupted: bool = False

    def __call__(self, config: DictConfig) -> JobFailure | None:
        """Run one job.

        Args:
            config: Hydra's own composition, which only resolves what is known inside a job.

        Returns:
            None when it went well.
        """
        if self.interrupted:
            return JobFailure("not started, since the sweep was interrupted", JobError.exit_status)
        hydra = HydraConfig.get()
        try:
            self._work(self._plan_of(hydra), config)
        except SerotinyError as error:
            self.interrupted = isinstance(error, JobInterruptedError)
            if _is_sampled(hydra):
                raise
            return JobFailure(str(error), error.exit_status)
        return None

    def _plan_of(self, hydra: HydraConf) -> Plan:
        if hydra.mode is RunMode.RUN:
            (plan,) = self.plans.values()
            return plan
        # as they were given: reading them from the config would put values for their interpolations
        overrides = tuple(OmegaConf.to_container(hydra.overrides.task, resolve=False))  # type: ignore[arg-type]
        return self.plans.get(job_key(overrides)) or self._compile(overrides)

    def _work(self, plan: Plan, config: DictConfig) -> None:
        from serotiny.launch.job import run_job
        from serotiny.ml_ops.run import RunRefusedError

        try:
            result = run_job(self.project, plan, config)
        except RunRefusedError as refusal:
            report = Report(1, refusal.diagnostics, Path(plan.project_root))
            click.echo(render_text(report), err=True)
            raise UnsoundJobError("nothing was started") from None
        if not self.quiet:
            click.echo(_summary(plan, result))

    def _compile(self, overrides: tuple[str, ...]) -> Plan:
        compilation = compile_call(self.project, self.operation, overrides)
        if not compilation.is_sound:
            tell_faults(compilation)
            raise UnsoundJobError(f"the configuration of `{' '.join(overrides)}` has errors")
        return compilation.jobs[0].plan()


def _is_sampled(hydra: HydraConf) -> bool:
    """Whether a sweeper made up the job's overrides, rather than listing what the call says."""
    return hydra.mode is RunMode.MULTIRUN and hydra.sweeper["_target_"] != _BASIC_SWEEPER


def _summary(plan: Plan, result: JobResult) -> str:
    paths = {
        "resumed from": result.resumed_from,
        "checkpoint": result.checkpoint,
        "best": result.best,
        "predictions": result.predictions,
    }
    rows = [("run", result.run_name if result.run_id is None else f"{result.run_name} ({result.run_id})")]
    rows += [(label, str(path)) for label, path in paths.items() if path is not None]
    rows += [("note", note) for note in result.notes]
    rows.append(("folder", str(result.run_dir)))
    where = _where_to_look(plan)
    if where is not None:
        rows.append(("look at it", where))
    return render_summary(f"{result.operation} finished", rows, result.metrics)


def _where_to_look(plan: Plan) -> str | None:
    """The address of the run's server, or the command that opens MLflow's pages on its store."""
    from serotiny.tracking.mlflow.store import resolve_tracking_uri

    given = plan.config["mlflow"]["tracking_uri"]
    if given is None:
        return None
    uri = mask_credentials(resolve_tracking_uri(given, Path(plan.project_root)))
    return uri if uri.startswith(("http://", "https://")) else f"mlflow ui --backend-store-uri {uri}"
