"""A call of an operation: compile it, then run, show or rehearse it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from serotiny.api.compilation import Compilation
from serotiny.api.compile import compile_call
from serotiny.api.plan import refuse_missing_packages
from serotiny.cli.faults import tell_faults, tell_report
from serotiny.cli.neutral import error_line, neutral
from serotiny.cli.options import open_project
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project, ProjectError
from serotiny.compiler.project.environment import added_variables
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.running.honoured import unhonoured
from serotiny.compiler.validation.running.named_checkpoint import refused_checkpoints
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics import Diagnostic, JobInterruptedError, SerotinyError, Stage, merge_jobs
from serotiny.launch.launcher_programs import refuse_missing_programs
from serotiny.report.report import Report
from serotiny.report.text import render_text
from serotiny.schemas.rules.user_hosts import add_variables
from serotiny.tracking.session import RunRefusedError

if TYPE_CHECKING:
    from serotiny.cli.run_names import Outlook
    from serotiny.launch.compiled_jobs import CompiledJobs
    from serotiny.launch.hydra_app import HydraApp
    from serotiny.sweeps.outcome import JobOutcome
    from serotiny.tracking.session import EndStatus


def project_that_runs(operation: str, config_dir: Path | None, trusted: tuple[str, ...]) -> Project:
    """The project of a call, which must say what the operation runs.

    Raises:
        ProjectError: there is none, it does not say so, or its layout says too little to run anything.
    """
    project = open_project(config_dir, trusted)
    if operation in project.operations:
        layout = project.layout_of(project.operations[operation])
        if layout.can_run:
            return project
        raise ProjectError(
            f"`serotiny {operation}` has to know where the model and the trainer are: say it in "
            '[tool.serotiny.layout], as in `model = "model"` and `trainer = "trainer"`'
        )
    raise ProjectError(
        f"nothing says what `serotiny {operation}` runs in this project: name its config in "
        f'[tool.serotiny.operations], as in `{operation} = "…"`'
    )


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of an operation."""

    project: Project
    operation: str
    overrides: tuple[str, ...]
    multirun: bool
    quiet: bool
    fail_fast: bool = False

    def compile_and_run(self) -> int:
        """Run the call when all of its jobs are sound; otherwise report, start nothing, and return 1."""
        compilation = self._compile()
        return self._run(compilation) if self._is_honoured(compilation) else 1

    def rehearse(self, largest_batch: bool) -> int:
        """Rehearse the job of the call, the first one of a sweep."""
        compilation = self._compile()
        if not (self._is_honoured(compilation) and self._may_start(compilation)):
            return 1
        from serotiny.cli.rehearsal import rehearse_and_tell

        return rehearse_and_tell(compilation.jobs[0], largest_batch)

    def _is_honoured(self, compilation: Compilation) -> bool:
        """Whether serotiny does all that the jobs ask for; what it would not do is reported (SER115, SER116)."""
        found = [
            replace(fault, jobs=(index,))
            for index, job in enumerate(compilation.jobs if compilation.is_sound else ())
            for fault in (*unhonoured(job.resolved), *job.by_script().faults)
        ]
        if found:
            tell_report(
                Report(
                    jobs=len(compilation.jobs), diagnostics=tuple(merge_jobs(found)), root=self.project.root
                )
            )
        return not found

    def show(self, cfg: str | None, package: str | None, resolve: bool, info: str | None) -> int:
        """Print what was composed, as Hydra prints it."""
        compilation = self._compile()
        if any(found.is_error and _hides_config(found) for found in compilation.diagnostics):
            tell_faults(compilation)
            return 1
        add_variables(added_variables(self.project))
        printed, logged = StringIO(), StringIO()
        with redirect_stdout(printed), redirect_stderr(logged), _without_handlers():
            if info is not None:
                from serotiny.launch.hydra_app import show_info

                composed = compilation.jobs[0].composed
                show_info(composed.project, composed.primary, self.overrides, composed.inserted, info)
            else:
                assert cfg is not None
                self._app(compilation)[0].show(cfg, package, resolve)
        shown = [(job.resolved.root, job.resolved.hydra) for job in compilation.jobs]
        roots = [root for both in shown for root in both if root is not None]
        secrets = KnownSecrets.between_all((root.plain(), root.logged()) for root in roots)
        click.echo(neutral(secrets.mask(printed.getvalue())), nl=False)
        click.echo(neutral(secrets.mask(logged.getvalue())), nl=False, err=True)
        return 0

    def replay(self, plan_file: Path) -> int:
        """Run a plan from a file, checked again as it would be after composing."""
        from serotiny.compiler.plan.plan_file import plan_in, text_of

        text = text_of(plan_file)
        plan = plan_in(text, plan_file)
        if plan.operation != self.operation:
            raise click.UsageError(
                f"{plan_file} is a plan to {plan.operation}: call `serotiny {plan.operation}`"
            )
        compiler = Compiler.of_project(self.project, with_hydra=True)
        return self._run(Compilation.of(compiler.compile_plan(plan, str(plan_file), text), self.project))

    def _compile(self) -> Compilation:
        return compile_call(
            self.project, self.operation, self.overrides, multirun=self.multirun, with_hydra=True
        )

    def _app(self, compilation: Compilation) -> tuple[HydraApp, CompiledJobs]:
        from serotiny.launch.compiled_jobs import compile_jobs
        from serotiny.launch.hydra_app import HydraApp

        jobs = compile_jobs(compilation, self.overrides)
        return HydraApp(jobs, Sources(jobs.project).options, self.quiet), jobs

    def _run(self, compilation: Compilation) -> int:
        if not self._may_start(compilation):
            return 1
        if compilation.is_sweep:
            refuse_missing_programs(compilation.jobs[0])
        outlook = self._outlook(compilation) if compilation.is_sweep else None
        if outlook is not None and (faults := tuple(outlook.faults)):
            tell_report(Report(jobs=len(compilation.jobs), diagnostics=faults, root=self.project.root))
            return 1
        return self._sweep(compilation, outlook) if compilation.is_sweep else self._run_one(compilation)

    def _may_start(self, compilation: Compilation) -> bool:
        """Report what is wrong; for sound jobs, judge the packages and the empty checkpoints that they name, and set the project's variables."""
        tell_faults(compilation)
        if not compilation.is_sound:
            return False
        refuse_missing_packages(compilation.diagnostics)
        refused = refused_checkpoints([job.resolved for job in compilation.jobs], are_empty=True)
        if refused:
            tell_report(Report(jobs=len(compilation.jobs), diagnostics=refused, root=self.project.root))
            return False
        add_variables(added_variables(self.project))  # credentials of the store may be among them
        return True

    def _outlook(self, compilation: Compilation) -> Outlook | None:
        """What is left of a sweep that trains, printed as one line; None for a study, whose jobs are not known yet."""
        if self.operation != "train" or compilation.jobs[0].objective is not None:
            return None
        from serotiny.cli.run_names import outlook_on

        outlook = outlook_on(compilation, self.project.root)
        if not self.quiet:
            click.echo(outlook.summary(), err=True)
        return outlook

    def _run_one(self, compilation: Compilation) -> int:
        from serotiny.cli.job_task import JobTask
        from serotiny.launch.folder_claim import FolderClaim

        app, jobs = self._app(compilation)
        claim = FolderClaim([job.plan for job in jobs.jobs.values()], is_sweep=False)
        try:
            outcomes = app.run(JobTask(jobs, self.quiet), claim)
        except RunRefusedError as refusal:
            click.echo(
                render_text(Report(jobs=1, diagnostics=refusal.diagnostics, root=self.project.root)), err=True
            )
            return refusal.exit_status
        finally:
            claim.give_back()
        return _exit_status(outcomes)

    def _sweep(self, compilation: Compilation, outlook: Outlook | None) -> int:
        from serotiny.cli.job_task import JobTask
        from serotiny.cli.sweep import SweepRecord, tell_sweep
        from serotiny.launch.folder_claim import FolderClaim
        from serotiny.launch.sweep_signals import SweepSignals
        from serotiny.sweeps.outcome import JobOutcome

        record = SweepRecord.open(
            compilation, self.operation, self.overrides, root=self.project.root, outlook=outlook
        )
        app, jobs = self._app(compilation)
        claim = FolderClaim((), is_sweep=True)
        signals = SweepSignals()
        task = JobTask(jobs, self.quiet, fail_fast=self.fail_fast, parents=record.parents, signals=signals)
        outcomes: list[JobOutcome] = []
        status: EndStatus | None = "KILLED"
        try:
            with signals.carried():
                outcomes = [item for item in app.sweep(task, claim) if isinstance(item, JobOutcome)]
            # a study is finished even if some of its jobs failed
            status = "FINISHED" if jobs.is_optimized else None
        except SerotinyError as error:
            status = "KILLED" if isinstance(error, JobInterruptedError) else "FAILED"
            raise
        finally:
            table = record.end(outcomes, claim.folder, status)
            claim.give_back()
            if not self.quiet:
                tell_sweep(table, claim.folder)
        exit_status = _exit_status(outcomes if jobs.is_optimized else table.outcomes)
        advice = None if jobs.is_optimized else record.how_to_go_on(table)
        if advice is not None:
            click.echo(advice, err=True)
        return exit_status


def _exit_status(outcomes: Sequence[JobOutcome]) -> int:
    """The highest exit status of the jobs; what those that failed say is printed, each message once."""
    for message in dict.fromkeys(outcome.message for outcome in outcomes if outcome.exit_status):
        click.echo(error_line(message), err=True)
    return max((outcome.exit_status for outcome in outcomes), default=0)


@contextmanager
def _without_handlers() -> Iterator[None]:
    """Remove the root logger's handlers meanwhile: they write to the real streams, and would print secrets unmasked."""
    root = logging.getLogger()
    before = [*root.handlers]
    root.handlers.clear()
    try:
        yield
    finally:
        root.handlers[:] = before


def _hides_config(fault: Diagnostic) -> bool:
    """Whether a fault leaves no config to print."""
    return fault.stage is Stage.COMPOSE or fault.code == "SER206"
