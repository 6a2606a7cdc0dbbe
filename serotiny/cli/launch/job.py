"""One job, as Hydra's launchers call it: from the compiled plan to a recorded run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from serotiny.cli.options import open_compiler
from serotiny.compiler.overrides.argument import job_key
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.project import Project
from serotiny.compiler.project.environment import added_variables
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import JobError, JobInterruptedError, SerotinyError
from serotiny.filesystem import replace_file
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
        os.environ.update(added_variables(self.project))  # a launcher's process may have been started bare
        for path in map(str, self.project.import_paths):
            # a project need not be installed to be run, as it need not be to be checked
            if path not in sys.path:
                sys.path.insert(0, path)
        plan = replace(plan, config=_with_job_values(plan.config, config))
        run_dir = Path(HydraConfig.get().runtime.output_dir)
        _mask_what_hydra_saved(run_dir)
        _run(plan, run_dir, self.quiet)

    def _compile(self, overrides: tuple[str, ...]) -> Plan:
        compiler = open_compiler(self.project)
        compilation = compiler.compile_call(self.operation, overrides)
        if not compilation.is_sound:
            report = Report(1, compilation.diagnostics, self.project.root)
            click.echo(render_text(report), err=True)
            raise UnsoundJobError(f"the configuration of `{' '.join(overrides)}` has errors")
        return compiler.plan(compilation.jobs[0])


def _is_sampled(hydra: HydraConf) -> bool:
    """Whether a sweeper made up the job's overrides, rather than listing what the call says."""
    return hydra.mode is RunMode.MULTIRUN and hydra.sweeper["_target_"] != _BASIC_SWEEPER


def _mask_what_hydra_saved(run_dir: Path) -> None:
    """Hydra writes the config as it was given, credentials included, before a job starts."""
    for file in (*run_dir.glob(".hydra/*.yaml"), run_dir.parent / "multirun.yaml"):
        if file.is_file() and (masked := mask_credentials(text := file.read_text("utf-8"))) != text:
            replace_file(file, masked)


def _run(plan: Plan, run_dir: Path, quiet: bool) -> None:
    from serotiny.ml_ops.run import RunRefusedError, run

    try:
        result = run(plan, run_dir)
    except RunRefusedError as refusal:
        report = Report(1, refusal.diagnostics, Path(plan.project_root))
        click.echo(render_text(report), err=True)
        raise UnsoundJobError("nothing was started") from None
    if not quiet:
        click.echo(_summary(plan, result))


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


def _with_job_values(value: Any, config: DictConfig) -> Any:
    """Resolve what was left: the interpolations that only a running job can answer (`${hydra:…}`)."""
    if isinstance(value, dict):
        return {key: _with_job_values(item, config) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_job_values(item, config) for item in value]
    if not is_interpolated(value):
        return value
    holder = OmegaConf.create({"value": value})
    holder._set_parent(config)
    return OmegaConf.to_container(holder, resolve=True)["value"]  # type: ignore[index, call-overload]
