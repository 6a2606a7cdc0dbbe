"""The task that Hydra's launchers call for each job: run it, and print what came of it."""

from __future__ import annotations

import logging
import math
import os
import shlex
import time
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from serotiny.compiler.plan.plan import Plan
from serotiny.credentials.detection import mask_source
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import NOWHERE, Diagnostic, JobError, JobInterruptedError, SerotinyError
from serotiny.launch.compiled_jobs import CompiledJob, CompiledJobs, Key
from serotiny.launch.objective import objective_values
from serotiny.launch.sweep_signals import SweepSignals
from serotiny.report.job_summary import render_summary
from serotiny.report.report import Report
from serotiny.report.text import render_text
from serotiny.sweeps.notes import is_stopped, note_outcome, stop_sweep
from serotiny.sweeps.outcome import JobOutcome, JobStatus, monitored_metric

if TYPE_CHECKING:
    from serotiny.ml_ops.job import JobResult


_log = logging.getLogger(__name__)


class UnsoundJobError(JobError):
    """The job may not start; its diagnostics have been printed."""

    exit_status = 1


class NotStartedError(JobError):
    """The job was not started, because an earlier one ended the whole sweep."""


@dataclass
class JobTask:
    """Runs the plan that was compiled for a job; it is picklable, since launchers run it in other processes.

    A sampling sweeper chooses overrides as it goes: such a job is compiled when it starts. A sweeper that
    optimizes gets the job's objective, and handles what the job raises. After an interruption no further job
    of the sweep is started; with `fail_fast` none after one that failed.

    Attributes:
        jobs: the jobs of the call.
        quiet: print no summary and no progress.
        fail_fast: end the sweep after a job that failed.
        parents: the id of the sweep's run in each store and experiment in which its jobs are recorded.
        signals: passes signals of the sweep's process on to the job.
        interrupted: whether a signal has ended a job or the sweep.
    """

    jobs: CompiledJobs
    quiet: bool = False
    fail_fast: bool = False
    parents: Mapping[Where, str] = field(default_factory=dict)
    signals: SweepSignals | None = None
    interrupted: bool = False

    def __call__(self, config: DictConfig) -> JobOutcome | float | tuple[float, ...] | None:
        """Run one job.

        Args:
            config: the config as composed, which only resolves what is known inside a job.

        Returns:
            The job's outcome; for a sweeper that optimizes, its objective; None in all but the first of several tasks.

        Raises:
            SerotinyError: the job failed, and its sweeper optimizes.
            KeyboardInterrupt: the job was interrupted, and its sweeper optimizes: this ends the whole study.
        """
        os.environ.update(self.jobs.copied)
        with self.signals.noted() if self.signals is not None else nullcontext(True) as may_start:
            self.interrupted |= not may_start
            if self.signals is None:
                return self._run(config)
            # here: it imports what jobs are made of
            from serotiny.launch.ranks import once_for_all_tasks

            return once_for_all_tasks(lambda: self._run(config))

    def _run(self, config: DictConfig) -> JobOutcome | float | tuple[float, ...]:
        hydra = HydraConfig.get()
        sweep = Path(str(hydra.sweep.dir)) if hydra.mode is RunMode.MULTIRUN else None
        # unresolved: reading them one by one would resolve the interpolations in them
        overrides: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
        key: Key = tuple(overrides)
        ended = JobOutcome(
            number=hydra.job.num if sweep is not None else 0,
            key=tuple(mask_source(text).text for text in key),
            status=JobStatus.NOT_STARTED,
        )
        start_s = time.monotonic()
        try:
            job = self.jobs.planned(key)
            ended = _with_plan(ended, job)
            self._refuse_after_others(sweep)
            if sweep is not None:  # what is left of a job whose process is killed
                begun = replace(ended, status=JobStatus.NO_RESULT, exit_status=JobError.exit_status)
                note_outcome(begun, sweep)
            if job is None:
                job = self._compile(key)
                ended = _with_plan(ended, job)
            result = self._work(job.plan, config)
            ended = _with_result(ended, result, time.monotonic() - start_s)
            objective = objective_values(result, job.objective or ()) if self.jobs.is_optimized else None
        except SerotinyError as error:
            self._tell_cause(error)
            self.interrupted |= isinstance(error, JobInterruptedError)
            ended = _with_error(ended, error, time.monotonic() - start_s)
            if sweep is not None and self.fail_fast:
                stop_sweep(sweep)
            if self.jobs.is_optimized and self.interrupted:
                raise KeyboardInterrupt(str(error)) from error  # after any other exception a sweeper goes on
            if self.jobs.is_optimized:
                raise
            return ended
        except SystemExit:
            # a launcher's own handler of a signal, such as submitit's, which puts the job back into the queue
            by_launcher = JobInterruptedError("interrupted by the launcher")
            ended = _with_error(ended, by_launcher, time.monotonic() - start_s)
            raise
        finally:
            if sweep is not None:
                note_outcome(ended, sweep)
        return ended if objective is None else objective

    def _refuse_after_others(self, sweep: Path | None) -> None:
        """Refuse to start a job of a sweep that has ended.

        Raises:
            NotStartedError: the sweep was interrupted, or ended because another job failed.
        """
        if self.interrupted:
            raise NotStartedError("not started, since the sweep was interrupted")
        if sweep is not None and is_stopped(sweep):
            raise NotStartedError("not started, since another job of the sweep failed")

    def _tell_cause(self, error: SerotinyError) -> None:
        if _log.isEnabledFor(logging.DEBUG) and error.__cause__ is not None:
            text = "".join(traceback.format_exception(error.__cause__))
            click.echo(mask_credentials(text), err=True)

    def _work(self, plan: Plan, config: DictConfig) -> JobResult:
        from serotiny.tracking.session import RunRefusedError

        if self.quiet:
            plan = _without_progress(plan)
        try:
            with self.signals.until_handled() if self.signals is not None else nullcontext():
                from serotiny.launch.job import run_job

                result = run_job(self.jobs.project, plan, config, self.parents.get(where_of(plan.config)))
        except RunRefusedError as refusal:
            told = tuple(_with_origin(found, plan) for found in refusal.diagnostics)
            report = Report(jobs=1, diagnostics=told, root=Path(plan.project_root))
            click.echo(render_text(report), err=True)
            raise UnsoundJobError("nothing was started") from None
        if not self.quiet:
            click.echo(_summary(plan, result))
        return result

    def _compile(self, key: Key) -> CompiledJob:
        job, compiled = self.jobs.compile_sampled(key, HydraConfig.get().job.num)
        if compiled is None:
            click.echo(
                render_text(Report(jobs=1, diagnostics=job.diagnostics, root=self.jobs.project.root)),
                err=True,
            )
            raise UnsoundJobError(f"the configuration of `{' '.join(key)}` has errors")
        return compiled


Where = tuple[str | None, str | None]
"""A tracking store and an experiment in it, as a config names them."""


def where_of(config: Mapping[str, Any]) -> Where:
    """The store and experiment in which a job is recorded."""
    settings = config.get("mlflow") or {}
    return settings.get("tracking_uri"), settings.get("experiment_name")


def _with_plan(ended: JobOutcome, job: CompiledJob | None) -> JobOutcome:
    """The outcome with the run's name, and the metric that the sweeper optimizes or else the callbacks monitor."""
    if job is None:
        return ended
    metric = job.objective[0] if job.objective else monitored_metric(job.plan.config)
    return replace(ended, run_name=job.plan.run_name, metric=metric)


def _with_error(ended: JobOutcome, error: SerotinyError, took_s: float) -> JobOutcome:
    is_refused = isinstance(error, UnsoundJobError)
    status = JobStatus.REFUSED if is_refused else JobStatus.FAILED
    if isinstance(error, JobInterruptedError):
        status = JobStatus.INTERRUPTED
    if isinstance(error, NotStartedError):
        status = JobStatus.NOT_STARTED
    return replace(
        ended,
        status=status,
        duration_s=None if status is JobStatus.NOT_STARTED else took_s,
        message=mask_source(str(error)).text,
        exit_status=error.exit_status,
    )


def _with_result(ended: JobOutcome, result: JobResult, took_s: float) -> JobOutcome:
    known = {**result.final_metrics, **result.metrics}
    return replace(
        ended,
        status=JobStatus.SKIPPED if result.is_skipped else JobStatus.FINISHED,
        run_name=result.run_name,
        run_id=result.run_id,
        value=known.get(ended.metric) if ended.metric is not None else None,
        duration_s=None if result.is_skipped else took_s,
    )


def _with_origin(refusal: Diagnostic, plan: Plan) -> Diagnostic:
    """A refusal of the store, with a note of what set the value that it is about."""
    origin = plan.origins.get(refusal.key or "")
    if origin is None or origin.endswith("default") or refusal.place != NOWHERE:
        return refusal
    return replace(refusal, notes=(*refusal.notes, f"`{refusal.key}` was set by {origin}"))


def _without_progress(plan: Plan) -> Plan:
    """The plan without a progress bar; the console gets errors alone, the log file of the run's folder all lines."""
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
    if plan.operation == "train" and (plan.config.get("trainer") or {}).get("fast_dev_run"):
        rows = [
            ("note", "`fast_dev_run`: it runs, and nothing was recorded"),
            ("folder", str(result.run_dir)),
        ]
        return render_summary("train finished", rows, result.metrics)
    rows = [("run", result.run_name if result.run_id is None else f"{result.run_name} ({result.run_id})")]
    rows += [(label, str(path)) for label, path in paths.items() if path is not None]
    rows += [("best", f"{kept.path} ({kept.monitor} {_score_text(kept.score)})") for kept in result.best]
    rows += [("note", note) for note in result.notes]
    rows.append(("folder", str(result.run_dir)))
    where = _where_to_look(plan, result)
    if where is not None:
        rows.append(("look at it", where))
    title = f"{result.operation} {'skipped' if result.is_skipped else 'finished'}"
    return render_summary(title, rows, result.metrics)


def _score_text(score: float) -> str:
    # Lightning keeps an infinity in place of NaN
    return f"{score:.6g}" if math.isfinite(score) else "is not finite"


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
