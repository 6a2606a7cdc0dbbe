"""Run a plan in this process, as `serotiny train` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from serotiny.api.errors import CallError, ConfigError
from serotiny.api.plan import Plan, refuse_missing_packages
from serotiny.compiler.sources.sources import Sources
from serotiny.diagnostics import SerotinyError
from serotiny.report.report import Report

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from serotiny.ml_ops.job import JobResult


def refuse_ranks() -> None:
    """Refuse to run in one of several processes of a script that were started together.

    Raises:
        SerotinyError: torchrun or Slurm has started several.
    """
    from serotiny.ml_ops.ranks.launched import launched_rank

    launched = launched_rank()
    if launched is not None:
        raise SerotinyError(
            f"`serotiny.run` was called in one of {launched.world_size} processes that torchrun or Slurm has started: let "
            "it start `serotiny train` there, or start one process, whose `trainer.devices` starts the others"
        )


def run(plan: Plan) -> JobResult:
    """Run a plan in its own folder, recorded in MLflow as the config says; torch is imported only now.

    Hydra makes the job's folder, `outputs/…` in the project unless `hydra.run.dir` says otherwise, and
    directs the log; both the current folder and the log are as before afterwards.

    Returns:
        How it ended, with the run's id and the paths of its checkpoints; also when nothing was left to do,
        which its `notes` then say.

    Raises:
        CallError: what was given is no plan.
        ConfigError: the run may not start: its name is taken, its config has changed (SER4xx).
        JobError: the job failed or was interrupted.
        SerotinyError: the tracking store cannot be reached, a package is not installed, or torchrun or Slurm has started
            several processes of the calling script, each of which would want the run for itself.
    """
    if not isinstance(plan, Plan):
        what = type(plan).__name__
        raise CallError(f"a plan is run, not a `{what}`: `serotiny.run(serotiny.compile('train').plan)`")
    refuse_missing_packages(plan.job.diagnostics)
    refuse_ranks()
    from serotiny.launch.compiled_jobs import single_job
    from serotiny.launch.folder_claim import FolderClaim
    from serotiny.launch.hydra_app import HydraApp
    from serotiny.launch.job import run_job
    from serotiny.tracking.session import RunRefusedError

    composed = plan.job.composed
    app = HydraApp(single_job(plan.job, plan), Sources(composed.project).options)

    def task(config: DictConfig) -> JobResult | SerotinyError:
        try:
            return run_job(composed.project, plan, config)
        except SerotinyError as error:
            return (
                error  # not raised in the task: Hydra would print the job's overrides, credentials included
            )

    claim = FolderClaim([plan], is_sweep=False)
    outcome: object
    try:
        (outcome,) = app.run(task, claim)
    except RunRefusedError as refusal:
        outcome = refusal
    finally:
        claim.give_back()
    if isinstance(outcome, RunRefusedError):
        raise ConfigError(Report(jobs=1, diagnostics=outcome.diagnostics, root=composed.project.root))
    if isinstance(outcome, SerotinyError):
        raise outcome
    return cast("JobResult", outcome)
