"""One job, as Hydra's launchers call it: run, and told to the user."""

from __future__ import annotations

import logging
import shlex
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from serotiny.compiler.plan.plan import Plan
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import JobError, JobInterruptedError, SerotinyError
from serotiny.launch.compiled_jobs import CompiledJob, CompiledJobs, Key
from serotiny.launch.objective import objective_values
from serotiny.report.job_summary import render_summary
from serotiny.report.report import Report
from serotiny.report.text import render_text

if TYPE_CHECKING:
    from serotiny.ml_ops.job import JobResult


_log = logging.getLogger(__name__)


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

    A sampling sweeper makes up overrides as it goes: such a job is compiled when it is born. To a sweeper that
    optimizes a job returns its objective, and raises what made it fail, which is the sweeper's to handle. After
    an interruption no further job of this process is started.
    """

    jobs: CompiledJobs
    quiet: bool = False
    interrupted: bool = False

    def __call__(self, config: DictConfig) -> JobFailure | float | tuple[float, ...] | None:
        """Run one job.

        Args:
            config: the config as composed, which only resolves what is known inside a job.

        Returns:
            None when it went well, or the objective.

        Raises:
            SerotinyError: the job of an optimizing sweep failed.
            KeyboardInterrupt: it was interrupted, which ends the whole study.
        """
        if self.interrupted:
            return JobFailure("not started, since the sweep was interrupted", JobError.exit_status)
        # as they stand: reading them one by one would resolve the interpolations in them
        hydra = HydraConfig.get()
        overrides: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
        key: Key = tuple(overrides)
        try:
            job = self.jobs.planned(key) or self._compile(key)
            result = self._work(job.plan, config)
            if self.jobs.is_optimized:
                return objective_values(result, job.objective or ())
        except SerotinyError as error:
            if _log.isEnabledFor(logging.DEBUG) and error.__cause__ is not None:
                text = "".join(traceback.format_exception(error.__cause__))
                click.echo(mask_credentials(text), err=True)
            self.interrupted = isinstance(error, JobInterruptedError)
            if self.jobs.is_optimized and self.interrupted:
                raise KeyboardInterrupt(str(error)) from error  # all else a sweeper would go on after
            if self.jobs.is_optimized:
                raise
            return JobFailure(str(error), error.exit_status)
        return None

    def _work(self, plan: Plan, config: DictConfig) -> JobResult:
        from serotiny.launch.job import run_job
        from serotiny.tracking.session import RunRefusedError

        if self.quiet:
            plan = _without_progress(plan)
        try:
            result = run_job(self.jobs.project, plan, config)
        except RunRefusedError as refusal:
            report = Report(jobs=1, diagnostics=refusal.diagnostics, root=Path(plan.project_root))
            click.echo(render_text(report), err=True)
            raise UnsoundJobError("nothing was started") from None
        if not self.quiet:
            click.echo(_summary(plan, result))
        return result

    def _compile(self, key: Key) -> CompiledJob:
        job, compiled = self.jobs.born(key, HydraConfig.get().job.num)
        if compiled is None:
            click.echo(
                render_text(Report(jobs=1, diagnostics=job.diagnostics, root=self.jobs.project.root)),
                err=True,
            )
            raise UnsoundJobError(f"the configuration of `{' '.join(key)}` has errors")
        return compiled


def _without_progress(plan: Plan) -> Plan:
    """The plan without a bar, with nothing but errors on the console; the log in the run's folder is whole."""
    for handler in logging.getLogger().handlers:
        if not isinstance(handler, logging.FileHandler):
            handler.setLevel(logging.ERROR)
    trainer = {"enable_progress_bar": False, **(plan.config.get("trainer") or {})}
    return replace(plan, config={**plan.config, "trainer": trainer})


def _summary(plan: Plan, result: JobResult) -> str:
    paths = {
        "resumed from": result.resumed_from,
        "checkpoint": result.checkpoint,
        "predictions": result.predictions,
        "report": result.page,
    }
    rows = [("run", result.run_name if result.run_id is None else f"{result.run_name} ({result.run_id})")]
    rows += [(label, str(path)) for label, path in paths.items() if path is not None]
    rows += [("best", f"{kept.path} ({kept.monitor} {kept.score:.6g})") for kept in result.best]
    rows += [("note", note) for note in result.notes]
    rows.append(("folder", str(result.run_dir)))
    is_trial = plan.operation == "train" and (plan.config.get("trainer") or {}).get("fast_dev_run")
    where = None if is_trial else _where_to_look(plan, result)
    if where is not None:
        rows.append(("look at it", where))
    return render_summary(f"{result.operation} finished", rows, result.metrics)


def _where_to_look(plan: Plan, result: JobResult) -> str | None:
    """The run's page on its server, or the command that opens MLflow's pages on its store."""
    from serotiny.tracking.mlflow.store import resolve_tracking_uri

    given = plan.config["mlflow"]["tracking_uri"]
    if given is None:
        return None
    uri = mask_credentials(resolve_tracking_uri(given, Path(plan.project_root)))
    if not uri.startswith(("http://", "https://")):
        return shlex.join(["mlflow", "ui", "--backend-store-uri", uri])
    if result.experiment_id is None:
        return uri
    return f"{uri.rstrip('/')}/#/experiments/{result.experiment_id}/runs/{result.run_id}"
