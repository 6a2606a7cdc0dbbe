"""The pipeline: overrides in, plans and diagnostics out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from serotiny.collector import NoCollection
from serotiny.compiler.composition.compose import Composed, compose, is_about_hydra, own_configs
from serotiny.compiler.composition.idle_settings import idle_alone, idle_in_sweep
from serotiny.compiler.composition.merging import Merges
from serotiny.compiler.composition.sweep_settings import (
    asks_for_sweep,
    draws_nothing,
    ignored_settings,
    sweeper_of,
)
from serotiny.compiler.defaults.configs import ExpandDefaults
from serotiny.compiler.defaults.memo import Expansions
from serotiny.compiler.job import Compilation, Job, gather
from serotiny.compiler.limits import MAX_FAULTS
from serotiny.compiler.project import Project, ProjectError
from serotiny.compiler.project.environment import environment_of
from serotiny.compiler.resolution.resolve import Resolved, resolve
from serotiny.compiler.resolution.shared import SharedNodes
from serotiny.compiler.silencing import Silencer
from serotiny.compiler.sources.sources import FurtherConfigs, Sources
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.tree import Node
from serotiny.compiler.validation.causes.deleted import told_where_deleted
from serotiny.compiler.validation.causes.laid_elsewhere import told_where_laid
from serotiny.compiler.validation.causes.lost_packages import lost_packages
from serotiny.compiler.validation.causes.misplaced_choices import with_choice_meant
from serotiny.compiler.validation.causes.misspelt_keys import told_where_given, without_consequences
from serotiny.compiler.validation.causes.unaddable import with_what_is_taken
from serotiny.compiler.validation.causes.unset_parameters import with_unset_parameters
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.compiler.validation.objective import is_optimizing, objective_faults, objective_of
from serotiny.compiler.validation.running.by_script import ScriptReading
from serotiny.compiler.validation.running.honoured import undecided_choices
from serotiny.compiler.validation.running.named_checkpoint import refused_checkpoints
from serotiny.compiler.validation.unresolved import unresolved_faults
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Diagnostic
from serotiny.schemas.names import OPERATIONS

# what a plan or a sweep takes is imported where one is made: most checks are of one job
if TYPE_CHECKING:
    from serotiny.compiler.plan.plan import Plan
    from serotiny.compiler.usage.script_jobs import ScriptJobs


class Compiler:
    """Compiles jobs of one project, reading each file and each signature once."""

    def __init__(
        self,
        sources: Sources,
        validator: Validator,
        expand: ExpandDefaults | None = None,
        further: FurtherConfigs | None = None,
    ) -> None:
        """A compiler; with Hydra's own configs as `further`, every job has Hydra's node."""
        self.sources = sources
        self._validator = validator
        self._expand = expand or Expansions()
        self._scripts = ScriptReading.of(validator)
        self._silencer = Silencer(sources.project.leniency, sources.read_so_far)
        self._merges = Merges()
        self._memo = NodeMemo()
        self._shared = SharedNodes()
        self._further = further

    @property
    def validator(self) -> Validator:
        """What it checks jobs with."""
        return self._validator

    @classmethod
    def of_project(cls, project: Project, with_hydra: bool = False) -> Compiler:
        """A compiler of the project's files as they are on disk.

        Args:
            project: whose configs to compile.
            with_hydra: whether each job also needs Hydra's own node, as one that will run does.
        """
        further = own_configs() if with_hydra else None
        return cls(Sources(project), Validator.of_project(project), further=further)

    def compile_job(
        self,
        name: str,
        overrides: Sequence[str],
        now: datetime | None = None,
        job_number: int | None = None,
    ) -> Job:
        """Compose, resolve and validate one job; a later stage runs on what is sound of the earlier.

        Args:
            name: an operation, or a primary config.
            overrides: as typed, with one value each.
            now: what `now` tells.
            job_number: the job's number in its sweep, if it is known.

        Raises:
            ProjectError: the project has no such operation or config.
        """
        return self.compile_primary(self._primary(name), overrides, now, job_number)

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        return environment_of(self.sources.project)

    def _compose(self, primary: str, overrides: Sequence[str]) -> Composed:
        return compose(
            self.sources,
            primary,
            overrides=overrides,
            expand=self._expand,
            further=self._further,
            merges=self._merges,
            registered=self._validator.code.resolvers.registered,
        )

    def compile_primary(
        self,
        primary: str,
        overrides: Sequence[str],
        now: datetime | None = None,
        job_number: int | None = None,
    ) -> Job:
        """As `compile_job`, of a primary config that is there."""
        composed = self._compose(primary, overrides)
        resolved = resolve(
            composed,
            environment=self._environment,
            now=now,
            job_number=job_number,
            registered=self._validator.code.resolvers.registered,
            shared=self._shared,
        )
        reader = self._validator.reader
        resolved = told_where_given(resolved, self.sources, self._validator.code.words.mentions)
        resolved = with_unset_parameters(resolved, reader)
        diagnostics = (
            *(with_what_is_taken(fault, resolved, reader) for fault in composed.diagnostics),
            *undecided_choices(composed),
            *unresolved_faults(resolved, self._validator.code),
            *(() if composed.layout.is_own else lost_packages(resolved, self.sources)),
            *(
                told_where_deleted(with_choice_meant(fault, resolved, self.sources), composed)
                for fault in told_where_laid(
                    self._validator.validate(resolved, self._memo), resolved, self.sources
                )
            ),
        )
        told = self._silencer.told(diagnostics)
        key = tuple(item.text for item in composed.arguments if not item.is_hydra)
        return Job(
            overrides=tuple(overrides),
            composed=composed,
            resolved=resolved,
            diagnostics=tuple(
                _at_most(without_consequences(told.diagnostics, dict(resolved.unfound)), MAX_FAULTS)
            ),
            key=key,
            objective=self._objective(resolved),
            silenced_by=told.silenced_by,
            by_script=cache(partial(self._scripts.of_job, resolved)),
        )

    def _primary(self, name: str) -> str:
        primary = self.sources.project.primary_of(name)
        if self.sources.document(primary) is None:
            from serotiny.compiler.sources.roots import find_roots

            roots = ", ".join(f"`{root}`" for root in find_roots(self.sources))
            is_operation = name in OPERATIONS
            fix = (
                f'; say which one `{name}` runs: `[tool.serotiny.operations] {name} = "…"`'
                if is_operation
                else ""
            )
            raise ProjectError(
                f"there is no primary config `{primary}`; there {'are' if ',' in roots else 'is'} {roots or 'none'}{fix}"
            )
        return primary

    def compile_call(self, name: str, overrides: Sequence[str], multirun: bool = False) -> Compilation:
        """Compile exactly what `serotiny OPERATION OVERRIDES [-m]` would run.

        Args:
            name: an operation, or a primary config.
            overrides: those of the call.
            multirun: it is a sweep.

        Returns:
            The jobs, and their diagnostics; in a sweep also SER402 for a run name that repeats, and SER112 for
            what a job says about the sweep that it is a part of.

        Raises:
            ProjectError: the project has no such operation or config.
        """
        primary, now = self._primary(name), datetime.now().astimezone()
        if not multirun:
            job = self._as_started(self.compile_primary(primary, overrides, now))
            # `hydra.mode` makes a sweep without `-m`, which only the composed node tells
            if not asks_for_sweep(job.resolved.hydra):
                return _with_checkpoints(gather([self._with_idle(job)]))
        from serotiny.compiler.overrides.sweep import without_sweeps

        common = self._common(primary, without_sweeps(overrides), now)
        with NoCollection():
            return _with_checkpoints(self.compile_sweep(overrides, common, now))

    def _common(self, primary: str, overrides: Sequence[str], now: datetime) -> Resolved:
        """What the jobs of a sweep have in common: a job without what is swept over."""
        registered = self._validator.code.resolvers.registered
        return resolve(self._compose(primary, overrides), now=now, registered=registered)

    def _with_idle(self, job: Job) -> Job:
        """A job that runs alone, with the settings of sweeps that its call brings in vain."""
        if not job.is_sound:
            return job
        own = partial(self._compose, job.composed.primary, ())
        idle = self._silencer.told([*idle_alone(job.composed, _trees(job.resolved), own, self.sources)])
        return replace(
            job,
            diagnostics=(*job.diagnostics, *idle.diagnostics),
            silenced_by=job.silenced_by | idle.silenced_by,
        )

    def _as_started(self, job: Job) -> Job:
        """A job as the project's own script starts it, where serotiny does not."""
        composed = job.composed
        if job.is_sound or composed.layout.is_own or composed.operation is not None:
            return job
        return replace(job, diagnostics=tuple(self._script_jobs.judged(job.diagnostics, job.resolved)))

    @cached_property
    def _script_jobs(self) -> ScriptJobs:
        # reads all configs of the project, which calls without a fault do not need
        from serotiny.compiler.usage.script_jobs import ScriptJobs

        return ScriptJobs(self.sources, self._validator.code)

    def compile_sweep(
        self, overrides: Sequence[str], common: Resolved, now: datetime, most: int | None = None
    ) -> Compilation:
        """Compile the jobs of a sweep; with `most`, up to so many in which each value occurs."""
        from serotiny.compiler.overrides.drawn import faults_as_typed
        from serotiny.compiler.overrides.sweep import expand_sweep, without_sweeps
        from serotiny.compiler.usage.run_names import repeated_names

        primary = common.composed.primary
        sweep = expand_sweep(overrides, self.sources, sweeper_of(common.hydra), most)
        jobs: list[Job] = []
        for index, item in enumerate(sweep.jobs):
            job = self._as_started(self.compile_primary(primary, item.overrides, now, job_number=index))
            jobs.append(replace(job, key=item.key))
        speak = {common.composed.hydra is not None, *(job.composed.hydra is not None for job in jobs)}
        if len(speak) > 1:
            # some say something about Hydra, and are compared with what it does of itself for the others
            whole = Compiler(self.sources, self._validator, self._expand, own_configs())
            own = whole._common(primary, without_sweeps(overrides), now)
            return whole.compile_sweep(overrides, own, now, most)
        jobs = [
            replace(
                job,
                diagnostics=(
                    *job.diagnostics,
                    *ignored_settings(job.composed, common.composed, self.sources),
                    *self._objective_faults(job),
                ),
            )
            for job in jobs
        ]
        # of the rest each job tells by itself: what is swept over may well be missing here
        of_all = [
            item for item in (*common.composed.diagnostics, *common.diagnostics) if is_about_hydra(item)
        ]
        compilation = gather(
            jobs, (*sweep.faults, *of_all, *repeated_names([(job.resolved, job.key) for job in jobs]))
        )
        diagnostics = tuple(faults_as_typed(compilation.diagnostics, sweep))
        if compilation.is_sound and jobs:
            idle = idle_in_sweep(common.composed.arguments, _trees(common))
            diagnostics += tuple(replace(fault, jobs=tuple(range(len(jobs)))) for fault in idle)
            still = draws_nothing(jobs[0].composed, common.hydra, sweep, self.sources)
            diagnostics += () if still is None else (still,)
        return Compilation(compilation.jobs, diagnostics, common.composed)

    def _objective(self, resolved: Resolved) -> tuple[str, ...] | None:
        """What a job returns to an optimizing sweeper; None where nothing asks for it, or a script returns what it likes."""
        reader = self._validator.reader
        is_own = resolved.composed.operation is not None and is_optimizing(resolved.hydra, reader)
        return objective_of(resolved, reader) if is_own else None

    def _objective_faults(self, job: Job) -> Iterator[Diagnostic]:
        if job.objective is not None:
            yield from objective_faults(job.resolved, job.objective, self.sources)

    def compile_plan(self, plan: Plan, file: str, text: str | None = None) -> Compilation:
        """Resolve and validate a plan that was read from a file, in this environment.

        Args:
            plan: as read.
            file: the path of the file, as messages name it.
            text: the content of the file; None for what `write_plan` writes.

        Raises:
            PlanError: a credential was left out when it was written.
        """
        from serotiny.compiler.composition.planned import edits, planned_tree, settings_of
        from serotiny.compiler.plan.plan import refuse_masked
        from serotiny.compiler.plan.plan_file import plan_text
        from serotiny.compiler.plan.shape import planned_layout

        refuse_masked(plan, file)
        # of Hydra a plan says what was typed: for the rest the project's own settings count where it runs
        own = self._compose(self.sources.project.primary_of(plan.operation), settings_of(plan))
        written = parse_document(file, plan_text(plan) if text is None else text).root
        composed = Composed(
            primary=own.primary,
            operation=plan.operation,
            project=replace(own.project, layout=planned_layout(plan.layout), wired={}),
            root=planned_tree(plan.logged_config, written.get("logged_config") or written),
            hydra=own.hydra,
            order=(),
            choices=dict(plan.choices),
            groups=frozenset(plan.choices),
            inserted=(),
            arguments=(),
            diagnostics=(),
        )
        resolved = resolve(composed, registered=self._validator.code.resolvers.registered)
        diagnostics = _at_most(
            [*edits(plan, written, file), *resolved.diagnostics, *self._validator.validate(resolved)],
            MAX_FAULTS,
        )
        job = Job(
            overrides=plan.overrides, composed=composed, resolved=resolved, diagnostics=tuple(diagnostics)
        )
        return _with_checkpoints(gather([job], filter(is_about_hydra, own.diagnostics)))

    def unused_comments(self, silenced_by: Iterable[frozenset[str]]) -> list[Diagnostic]:
        """SER340 for each comment that silences nothing in any of the jobs that were compiled."""
        return self._silencer.unused(frozenset().union(*silenced_by))


def _trees(resolved: Resolved) -> list[Node]:
    """The values of a job, and Hydra's own if it has them."""
    return [resolved.root, *([] if resolved.hydra is None else [resolved.hydra])]


def _at_most(found: list[Diagnostic], count: int) -> list[Diagnostic]:
    """The first faults; where there are more, SER122 says that they are not all."""
    if len(found) <= count:
        return found
    message = f"one job has more than {count:,} faults; those behind the first {count:,} are not told"
    return [*found[:count], Diagnostic("SER122", message, found[count].place)]


def _with_checkpoints(compilation: Compilation) -> Compilation:
    """Sound jobs with what is wrong with the checkpoint files that they name."""
    if not compilation.is_sound:
        return compilation
    refused = refused_checkpoints([job.resolved for job in compilation.jobs], are_empty=False)
    return replace(compilation, diagnostics=(*compilation.diagnostics, *refused)) if refused else compilation
